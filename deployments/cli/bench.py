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


@app.command()
def callbacks(
    per_second: Annotated[int, typer.Option(help="每秒几条", min=1, max=2000)] = 200,
    seconds: Annotated[int, typer.Option(help="持续多少秒", min=1, max=120)] = 15,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """按固定速度向真实的网页服务发送加密签名的企业微信回调，其中一成是重复的。"""
    from deployments.bench import callbacks as bench_callbacks

    figures = bench_callbacks.run(per_second, seconds)
    words = (
        f"每秒 {per_second} 条，{seconds} 秒共 {figures['sent']} 条，出错 {figures['errors']} 条；"
        f"一半在 {figures['p50_ms']} 毫秒内回应，99% 在 {figures['p99_ms']} 毫秒内，"
        f"最慢 {figures['slowest_ms']} 毫秒；记下 {figures['events']} 件事。"
    )
    emit(figures, words, as_json=as_json)


@app.command()
def screens(
    rooms: Annotated[int, typer.Option(help="小区有多少户", min=100, max=200_000)] = 50_000,
    months: Annotated[int, typer.Option(help="有多少个月的账单", min=1, max=60)] = 24,
    people: Annotated[int, typer.Option(help="多少人同时使用", min=1, max=100)] = 20,
    seconds: Annotated[int, typer.Option(help="用多少秒", min=1, max=600)] = 100,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """许多人同时打开工作台和业主页面（看一会儿再点下一页），量每一页要多久。"""
    from deployments.bench import screens as bench_screens

    told = bench_screens.run(rooms, months, people, seconds)
    words = (
        f"{rooms} 户 {months} 个月账单，{people} 人同时使用，每秒最多点 {told['offered_per_s']} 页，"
        f"共打开 {told['visits']} 页：列表 95% 在 {told['lists_p95_ms']} 毫秒内（一半在 "
        f"{told['lists_p50_ms']} 毫秒内），业主页 95% 在 {told['owner_p95_ms']} 毫秒内。"
        f"慢慢看时 95% 在 {told['calm']['lists_p95_ms']} 毫秒内（这台机器闲一会儿后慢 "
        f"{told['slower_after_rest']} 倍）。不停地点时每秒 {told['hammered_per_s']} 页。"
        f"数据库时间是裸 SQL 的 {told['db_ratio']} 倍。"
    )
    emit(told, words, as_json=as_json)
