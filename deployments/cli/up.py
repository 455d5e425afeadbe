"""`wuye up`: the whole stack until Ctrl-C."""

from typing import Annotated

import typer

from deployments.cli.output import console
from deployments.cli.serving import serve
from gateway.settings import settings

app = typer.Typer()


@app.command()
def up(
    *,
    demo: Annotated[bool, typer.Option("--demo", help="同时装入并跑一遍演示小区")] = False,
    port: Annotated[
        int, typer.Option(help="网页端口；流程服务和沙盒用后面两个", min=1024, max=65533)
    ] = 8600,
) -> None:
    """启动整套系统：数据库、流程服务、执行进程、网页和沙盒，直到 Ctrl-C。"""
    serve(settings(), port=port, console=console(as_json=False), tell_story=demo)
