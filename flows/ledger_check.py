"""账目核对: prove every night that every fen is accounted for; red when it is not."""

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
    description="核对全部账单、收款、预存款。",
)
def ledger_check() -> dict[str, Any]:
    """账目核对。"""
    proof = check()
    create_markdown_artifact(_page(proof), key="ledger-check", description="账目核对结果")
    if not proof.ok:
        raise LedgerBroken(f"账目有 {len(proof.breaches)} 处不符，见核对结果")
    return proof.as_json()


@step("核对")
def check() -> Proof:
    """All money checks in one snapshot."""
    with snapshot(engine()) as session:
        return prove(session)


def _page(proof: Proof) -> str:
    head = "账目相符" if proof.ok else "账目不符，请立即查看"
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
    if proof.audit_broken_at is not None:
        lines.append(f"- **审计记录第 {proof.audit_broken_at} 条被改动过**")
    return "\n".join(lines) + "\n"
