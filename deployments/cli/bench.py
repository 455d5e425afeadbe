"""`wuye bench`: how fast, beside what the machine can do."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit

app = typer.Typer(no_args_is_help=True)


@app.callback()
def bench() -> None:
    """性能测量：在同一次运行里同时测量上限。"""


@app.command("import")
def imports(
    rows: Annotated[int, typer.Option(help="工作簿有多少行", min=1, max=50_000)] = 20_000,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """导入一份业主工作簿到空数据库：解析、检查、写入、批注副本。"""
    from deployments.bench import importing

    figures = importing.run(rows)
    words = (
        f"{figures['rows']} 行 {figures['seconds']} 秒（每秒 {figures['rows_per_s']} 行），"
        f"是上限（读取加写出同一份表 {figures['ceiling_seconds']} 秒）的 {figures['ratio']} 倍；"
        f"内存峰值 {figures['peak_rss_mb']} MB。"
    )
    emit(figures, words, as_json=as_json)


@app.command("bill-run")
def bill_run(
    rooms: Annotated[int, typer.Option(help="小区有多少户", min=10, max=1_000_000)] = 50_000,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """经 Prefect 出一个月的账（三个费用项目），同时测量直接写入同样的行和逐行写入。"""
    from deployments.bench import billing

    figures = billing.run(rooms)
    words = (
        f"{figures['rooms']} 户 {figures['lines']} 行，全程 {figures['seconds']} 秒"
        f"（每秒 {figures['rows_per_s']} 行），是直接写入同样的行的 {figures['ratio']} 倍速度、"
        f"逐行写入的 {figures['times_floor']} 倍；重跑为首次的 {figures['rerun_ratio']}；"
        f"内存峰值 {figures['peak_rss_mb']} MB。"
    )
    emit(figures, words, as_json=as_json)
