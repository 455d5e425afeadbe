"""`wuye bills`: runs, why an amount is what it is, reversals."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from domain.money import yuan

app = typer.Typer(no_args_is_help=True)

STATUS_WORDS = {
    "awaiting_approval": "草稿已算好，等待审批：加 --approve-by 工号 批准，或 wuye bills reject 驳回",
    "issued": "已出账",
    "rejected": "已驳回",
}


@app.callback()
def bills() -> None:
    """账单：出账、解释、驳回、红冲。"""


@app.command()
def run(
    community: Annotated[str, typer.Option(help="小区名称")],
    period: Annotated[str, typer.Option(help="账期，如 2026-11")],
    *,
    preview: Annotated[bool, typer.Option("--preview", help="只计算草稿，不出账")] = False,
    approve_by: Annotated[str | None, typer.Option(help="由哪位员工批准并出账（工号）")] = None,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """计算一个月的账单；给出 --approve-by 就批准并出账。重复运行不会重复出账，出过账的月份只补账。"""
    from deployments import billing
    from deployments.office import open_office

    if preview and approve_by:
        raise typer.BadParameter("--preview 和 --approve-by 只能选一个")
    with open_office() as office:
        outcome = billing.run(office, community=community, month=period, approve_by=approve_by)
    words = (
        f"{outcome.community} {outcome.month}{' 补账' if outcome.supplements else ''}：{STATUS_WORDS.get(outcome.status, outcome.status)}。"
        f"账单 {outcome.bills} 张，明细 {outcome.lines} 行，合计 {yuan(outcome.total_fen)}，"
        f"消息 {outcome.letters} 条，需要留意 {outcome.anomalies} 处。"
    )
    emit(outcome.as_json(), words, as_json=as_json)


@app.command()
def limits(
    community: Annotated[str, typer.Option(help="小区名称")],
    by: Annotated[str, typer.Option(help="由哪位员工设定（工号）")],
    total_fen: Annotated[
        int | None, typer.Option(help="总额不超过多少（分）；不填为一律人工审批")
    ] = None,
    change: Annotated[str | None, typer.Option(help="与上期总额最多相差多少，0.1 为一成")] = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """设定自动审批的限额：没有问题、不超限额的账单不等人审批就出账。"""
    from deployments import billing
    from deployments.cli.fee import number
    from deployments.office import open_office

    ratio = None if change is None else number(change)
    with open_office() as office:
        result = billing.limit(
            office, community=community, total_fen=total_fen, change=ratio, login=by
        )
    most = f"总额不超过 {yuan(total_fen or 0)} 的自动审批"
    near = f"，且与上期相差不超过 {ratio:%}" if ratio is not None else ""
    words = "一律人工审批" if total_fen is None else most + near
    emit(result, f"{community}：{words}。", as_json=as_json)


@app.command()
def reject(
    community: Annotated[str, typer.Option(help="小区名称")],
    period: Annotated[str, typer.Option(help="账期，如 2026-11")],
    by: Annotated[str, typer.Option(help="由哪位员工驳回（工号）")],
    note: Annotated[str | None, typer.Option(help="为什么驳回")] = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """驳回一批草稿账单，草稿作废，改好数据后可以重新计算。"""
    from deployments import reversing
    from deployments.office import open_office

    with open_office() as office:
        result = reversing.reject(office, community=community, month=period, login=by, note=note)
    emit(result, f"已驳回，{result['bills']} 张草稿作废。", as_json=as_json)


@app.command()
def reverse(
    by: Annotated[str, typer.Option(help="由哪位员工红冲（工号）")],
    note: Annotated[str, typer.Option(help="为什么红冲")],
    bill: Annotated[str | None, typer.Option(help="账单号；红冲一张")] = None,
    community: Annotated[str | None, typer.Option(help="小区名称；红冲整批")] = None,
    period: Annotated[str | None, typer.Option(help="账期；红冲整批")] = None,
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """红冲一张账单或整批账单；已收的钱转为预存款。"""
    from deployments import reversing
    from deployments.office import open_office

    if (bill is None) == (community is None or period is None):
        raise typer.BadParameter("请给出 --bill，或者同时给出 --community 和 --period")
    with open_office() as office:
        if bill is not None:
            result = reversing.reverse_bill(office, bill, login=by, note=note)
        else:
            result = reversing.reverse_run(
                office, community=str(community), month=str(period), login=by, note=note
            )
    emit(result, f"已红冲 {result['bills']} 张账单。", as_json=as_json)


@app.command()
def explain(
    bill_no: Annotated[str, typer.Argument(help="账单号")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """逐行说明一张账单的金额是怎么来的。"""
    from deployments.office import open_office
    from domain.bills.explain import explain_bill
    from domain.bills.queries import by_no
    from domain.session import transaction

    with open_office() as office, transaction(office.engine) as session:
        told = explain_bill(session, by_no(session, bill_no))
    lines = [f"账单 {told.no}  {told.room_code}  合计 {yuan(told.total_fen)}"]
    for line in told.lines:
        lines.append(
            f"· {line.title}{f'（{line.label}）' if line.label else ''} {yuan(line.amount_fen)}"
        )
        lines += [f"    {sentence}" for sentence in line.sentences]
    emit(told.as_json(), "\n".join(lines), as_json=as_json)
