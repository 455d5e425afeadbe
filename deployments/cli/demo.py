"""`wuye demo`: the stack, then the story of the demo community on it."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, console, emit
from deployments.cli.serving import play, serve
from gateway.settings import settings

app = typer.Typer()


@app.command()
def demo(
    *,
    once: Annotated[
        bool, typer.Option("--once", help="跑完就停，有一步没做到则退出码非零")
    ] = False,
    as_json: Annotated[bool, AsJson] = False,
    port: Annotated[
        int, typer.Option(help="网页端口；流程服务和沙盒用后面两个", min=1024, max=65533)
    ] = 8600,
) -> None:
    """启动系统，装入演示小区：导入、出账、送达、收一笔款，说明发生了什么，然后继续运行。"""
    out = console(as_json=as_json)
    if not once:
        serve(settings(), port=port, console=out, tell_story=True)
        return
    summary = play(settings(), port=port, console=out)
    emit(summary.as_dict(), summary.in_words(), as_json=as_json)
    if not summary.complete:
        raise typer.Exit(1)
