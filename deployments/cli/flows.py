"""`wuye flows`: tell Prefect of our flows."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from gateway.settings import settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def flows() -> None:
    """流程：向流程服务登记。"""


@app.command()
def register(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """把 prefect.yaml 里的流程登记到 PREFECT_API_URL；没有变化就什么也不做。"""
    from deployments.stack import alone

    count = alone.register(settings())
    emit({"deployments": count}, f"已登记 {count} 个流程。", as_json=as_json)
