"""`wuye check`: proofs over the whole database."""

from typing import Annotated

import typer

from deployments.cli.output import AsJson, emit
from domain.money import yuan

app = typer.Typer(no_args_is_help=True)


@app.callback()
def check() -> None:
    """核对：账目。"""


@app.command()
def ledger(*, as_json: Annotated[bool, AsJson] = False) -> None:
    """证明每一分钱都有去处；有不符时退出码为 1。"""
    from deployments.office import open_office
    from domain.ledger.proof import prove
    from domain.session import snapshot

    with open_office() as office, snapshot(office.engine) as session:
        proof = prove(session)
    words = [
        (
            f"账目{'相符' if proof.ok else '不符'}（{proof.checks} 项核对）：收款 {yuan(proof.received_fen)}"
            f" = 账单已缴 {yuan(proof.paid_fen)} + 预存款 {yuan(proof.prepaid_fen)}；"
            f"尚欠 {yuan(proof.owed_fen)}。"
        )
    ]
    words += [
        f"· {breach.sentence}：{breach.subject} 应为 {yuan(breach.expected_fen)}，"
        f"实为 {yuan(breach.found_fen)}"
        for breach in proof.breaches
    ]
    if proof.audit_broken_at is not None:
        words.append(f"· 操作记录从第 {proof.audit_broken_at} 条起对不上，有记录被删掉或改动过")
    emit(proof.as_json(), "\n".join(words), as_json=as_json)
    if not proof.ok:
        raise typer.Exit(1)
