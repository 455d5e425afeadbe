"""账目核对: every night prove that every fen is accounted for and no act taken out of the audit."""

from typing import Any

from prefect import flow
from prefect.artifacts import create_markdown_artifact

from domain.ledger.proof import Proof, prove
from domain.money import yuan
from domain.session import snapshot
from flows.office import engine, step


class LedgerBroken(RuntimeError):
    """Something does not add up; the artifact and `wuye check ledger` say what."""


@flow(
    name="ledger-check",
    flow_run_name="账目核对",
    description="核对全部账单、收款、预存款，和全部操作记录。",
)
def ledger_check() -> dict[str, Any]:
    """账目核对。"""
    proof = check()
    create_markdown_artifact(_page(proof), key="ledger-check", description="账目核对结果")
    if not proof.ok:
        raise LedgerBroken(_said(proof))
    return proof.as_json()


@step("核对")
def check() -> Proof:
    """All money checks in one snapshot."""
    with snapshot(engine()) as session:
        return prove(session)


def _said(proof: Proof) -> str:
    """What is wrong, in a sentence."""
    wrong = [f"账目有 {len(proof.breaches)} 处不符"] if proof.breaches else []
    if proof.audit_broken_at is not None:
        wrong.append(f"操作记录从第 {proof.audit_broken_at} 条起对不上")
    return f"{'，'.join(wrong)}，见核对结果"


def _page(proof: Proof) -> str:
    head = "账目相符" if proof.ok else "有对不上的地方，请立即查看"
    lines = [
        f"## {head}",
        "",
        (
            f"- 收款 {yuan(proof.received_fen)} = 账单已缴 {yuan(proof.paid_fen)}"
            f" + 预存款 {yuan(proof.prepaid_fen)}"
        ),
        f"- 尚欠 {yuan(proof.owed_fen)}",
    ]
    lines += [
        f"- **{breach.sentence}**：{breach.subject} 应为 {yuan(breach.expected_fen)}，"
        f"实为 {yuan(breach.found_fen)}"
        for breach in proof.breaches
    ]
    if proof.audit_broken_at is None:
        lines.append("- 操作记录从第一条到最后一条都对得上")
    else:
        lines.append(f"- **操作记录从第 {proof.audit_broken_at} 条起对不上，有记录被删掉或改动过**")
    return "\n".join(lines) + "\n"
