"""`wuye inbox`: what WeCom told us, what became of it, handling it again."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def inbox() -> None:
    """企业微信回调：查看、重新处理。"""


@app.command("list")
def list_(
    *,
    failed: Annotated[bool, typer.Option("--failed", help="只看未能处理的")] = False,
    limit: Annotated[int, typer.Option(help="最多列出多少件", min=1, max=10_000)] = 50,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """列出最近的企业微信事件和处理结果。"""
    from deployments import receiving
    from deployments.office import open_office

    with open_office() as office:
        found = receiving.listing(office, failed=failed, limit=limit)
    emit(found, receiving.in_words(found), as_json=as_json)


@app.command()
def replay(
    events: Annotated[list[int], typer.Argument(help="事件编号，见 wuye inbox list")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """重新处理已处理或未能处理的事件。"""
    from deployments import receiving
    from deployments.office import open_office

    with open_office() as office:
        result = receiving.replay(office, events)
    ids = "、".join(map(str, result["replayed"]))
    emit(result, f"已放回待处理：{ids}。", as_json=as_json)
