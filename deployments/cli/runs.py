"""`wuye run PART`: one process of the system in the foreground, for containers."""

import os
from enum import StrEnum
from typing import Annotated

import typer

from deployments.stack.ports import DEFAULT, LOOPBACK
from gateway.settings import settings

app = typer.Typer()


class Part(StrEnum):
    """What can run alone. The database is somebody else's there."""

    PREFECT = "prefect"
    WORKER = "worker"
    GATEWAY = "gateway"


@app.command()
def run(
    part: Annotated[Part, typer.Argument(help="prefect 流程服务、worker 执行进程、gateway 网页")],
    host: Annotated[str, typer.Option(help="监听地址；容器里用 0.0.0.0")] = LOOPBACK,
) -> None:
    """在前台运行系统的一个部分，供容器使用；数据库和密钥由环境变量给出。"""
    from deployments.stack import alone

    command, environment = alone.command(settings(), part.value, host=host, ports=DEFAULT)
    os.execvpe(command[0], command, {**os.environ, **environment})  # noqa: S606 - a list of ours
