"""`wuye keys`: the keys that phones and ID numbers are sealed with."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from deployments.cli.output import AsJson, emit
from gateway.settings import settings

if TYPE_CHECKING:
    from deployments.keys import Rotation

app = typer.Typer(no_args_is_help=True)


@app.callback()
def keys() -> None:
    """数据密钥：新建、轮换。"""


@app.command()
def new(
    *,
    install: Annotated[
        bool, typer.Option("--install", help="直接放到本机密钥文件的最前面（使用内置数据库时）")
    ] = False,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """新建一把数据密钥，说明怎样启用。"""
    from deployments import keys as data_keys

    if install:
        key = data_keys.install(settings())
        words = (
            f"新密钥 {key} 已放到密钥文件的最前面，旧密钥保留。\n"
            "接下来：备份密钥文件，重新启动系统（wuye up），再运行 wuye keys rotate。"
        )
        emit({"key": key, "installed": True}, words, as_json=as_json)
        return
    entry = data_keys.new_entry(settings())
    words = (
        f"{entry}\n把它放到 WUYE_DATA_KEYS 的最前面，用逗号与旧密钥隔开（旧密钥先不要删），"
        "另外妥善保存一份；重新启动系统，再运行 wuye keys rotate。"
    )
    key = entry.partition(":")[0]
    emit({"key": key, "installed": False, "entry": entry}, words, as_json=as_json)


@app.command()
def rotate(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """用最新的密钥重新加密电话、身份证号和导入的表格；可以中断，可以重复运行。"""
    from deployments import keys as data_keys
    from deployments.office import open_office

    with open_office() as office:
        done = data_keys.rotate(office, say=lambda words: print(words, file=sys.stderr))
    emit(done.as_json(), _told(done), as_json=as_json)
    if not done.complete:
        raise typer.Exit(1)


def _told(done: "Rotation") -> str:
    said = (
        f"已用密钥 {done.key} 重新加密 {done.people} 人、{done.records} 条导入记录、"
        f"{done.workbooks} 批导入的表格。"
    )
    if not done.complete:
        return (
            f"{said}\n有 {len(done.unreadable_people)} 人、{len(done.unreadable_workbooks)} 批表格"
            "缺少旧密钥，未能处理。请把当时的密钥加回 WUYE_DATA_KEYS 后再运行一次。"
        )
    if done.old_keys:
        return (
            f"{said}\n数据库里已没有用旧密钥（{'、'.join(done.old_keys)}）加密的数据，"
            "可以从 WUYE_DATA_KEYS 移除；更早的备份还要靠它们才能读，请另外保存。"
        )
    return said
