"""`wuye db`: the tables' version, and copies."""

from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from gateway.settings import settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def db() -> None:
    """数据库：升级、查看版本、备份和恢复。"""


@app.command()
def upgrade(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """把表结构升级到这个版本。"""
    from deployments.stack import database

    database.ensure_database(settings(), migrated=False)
    revision = database.upgrade(settings())
    emit({"revision": revision}, f"数据库已是 {revision}。", as_json=as_json)


@app.command()
def current(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """查看表结构的版本。"""
    from deployments import migrate
    from deployments.stack import database

    url = database.ensure_database(settings(), migrated=False)
    at, newest = migrate.current(url), migrate.head()
    migrate.must_know(at)
    words = f"数据库是{at or '空的'}，" + ("是最新的。" if at == newest else f"最新是 {newest}。")
    emit({"revision": at, "head": newest, "current": at == newest}, words, as_json=as_json)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(help="存放备份的目录")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """备份业务数据库到目录里的一个文件（密钥要另外保存）。"""
    from deployments.backup import back_up

    made = back_up(settings(), folder)
    words = f"已备份到 {made.file}，{made.size / 1e6:.1f} MB。\n{made.reminder}"
    result = {"file": str(made.file), "bytes": made.size, "reminder": made.reminder}
    emit(result, words, as_json=as_json)


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="wuye db backup 得到的文件")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """把备份恢复到一个空的业务数据库；不空则拒绝。"""
    from deployments.backup import restore as bring_back

    revision = bring_back(settings(), file)
    words = f"已恢复，数据库是 {revision}。请运行 wuye check ledger 核对。"
    emit({"revision": revision}, words, as_json=as_json)
