"""`wuye pay`: money at the counter."""

from typing import Annotated
from uuid import uuid4

import typer

from deployments.cli.output import AsJson, emit
from domain.money import yuan
from domain.payments.model import PaymentMethod

app = typer.Typer(no_args_is_help=True)


@app.callback()
def pay() -> None:
    """收款：柜台收款、退款。"""


@app.command()
def counter(
    bill: Annotated[list[str], typer.Option(help="账单号；可以给几个，先到期的先收")],
    amount_fen: Annotated[int, typer.Option(help="收到的金额，单位分")],
    by: Annotated[str, typer.Option(help="收款员工号")],
    method: Annotated[PaymentMethod, typer.Option(help="收款方式")],
    *,
    key: Annotated[str | None, typer.Option(help="防重复的编号；同一编号只收一次")] = None,
    in_order: Annotated[
        bool, typer.Option("--in-order", help="按给出的先后收，而不是先到期的先收")
    ] = False,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """在柜台收一笔款，可以部分缴纳；多收的转为预存款。"""
    from deployments import cashier
    from deployments.office import open_office

    with open_office() as office:
        receipt = cashier.take(
            office, bill, amount_fen, login=by, method=method, key=key or f"cli-{uuid4()}",
            in_order=in_order,
        )  # fmt: skip
    words = (
        f"已收 {yuan(receipt['amount_fen'])}，收据号 {receipt['receipt_no']}。"
        + "".join(f"\n{row['no']}：{row['words']}" for row in receipt["bills"])
        + (f"\n转入预存款 {yuan(receipt['kept_fen'])}" if receipt["kept_fen"] else "")
    )
    emit(receipt, words, as_json=as_json)


@app.command()
def refund(
    receipt_no: Annotated[str, typer.Argument(help="收据号")],
    by: Annotated[str, typer.Option(help="退款员工号")],
    note: Annotated[str, typer.Option(help="为什么退款")],
    *,
    as_json: Annotated[bool, AsJson] = False,
) -> None:
    """全额退回一笔柜台收款：账单恢复待缴，当时转入的预存款一并退回。"""
    from deployments import cashier
    from deployments.office import open_office

    with open_office() as office:
        result = cashier.give_back(office, receipt_no, login=by, note=note)
    emit(result, f"已退款 {yuan(result['amount_fen'])}。", as_json=as_json)
