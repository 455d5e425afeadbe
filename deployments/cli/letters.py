"""`wuye letters`: what is in the rack, what did not arrive, sending again."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def letters() -> None:
    """消息：查看、重新发送、立即投递。"""


@app.command("list")
def list_(
    *,
    failed: Annotated[bool, typer.Option("--failed", help="只看没有送达的")] = False,
    community: Annotated[str | None, typer.Option(help="只看这个小区的")] = None,
    limit: Annotated[int, typer.Option(help="最多列出多少条", min=1, max=10_000)] = 50,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """列出最近的消息；没有送达的写明原因和处理办法。"""
    from deployments import mailing
    from deployments.office import open_office

    with open_office() as office:
        found = mailing.listing(office, failed=failed, community=community, limit=limit)
    emit(found, mailing.in_words(found), as_json=as_json)


@app.command()
def retry(
    letter: Annotated[int, typer.Argument(help="消息编号，见 wuye letters list --failed")],
    by: Annotated[str, typer.Option(help="处理员工号")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """重新发送一条没有送达的消息；以前的尝试记录保留。"""
    from deployments import mailing
    from deployments.office import open_office

    with open_office() as office:
        result = mailing.send_again(office, letter, login=by)
    emit(result, f"消息 {letter} 已放回待发送。", as_json=as_json)


@app.command()
def deliver(
    *,
    once: Annotated[bool, typer.Option("--once", help="发完现在能发的就结束")] = False,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """在这里投递消息；加 --once 只投递一次，否则一直运行到 Ctrl-C。"""
    from deployments import mailing
    from deployments.office import open_office

    with open_office() as office:
        if not once:
            mailing.keep_delivering(office)
            return
        tally = mailing.deliver_once(office)
    words = "，".join(f"{what} {count} 条" for what, count in tally.words())
    emit(tally.as_json(), f"{words or '没有要发送的消息'}。", as_json=as_json)
    if tally.broken:
        raise typer.Exit(1)
