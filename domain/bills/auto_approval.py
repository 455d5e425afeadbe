"""Approval without a person: only inside the limits a community has set, never with problems."""

from sqlalchemy.orm import Session

from domain.bills.model import BillRun
from domain.company.model import Community


def fits(session: Session, run: BillRun) -> bool:
    """Whether the run's figures are inside its community's limits. No limits, no automation."""
    community = session.get_one(Community, run.community_id)
    if community.auto_approve_total_fen is None or community.auto_approve_change is None:
        return False
    total, last = run.summary["total_fen"], run.summary["last"]
    return bool(
        run.summary["anomalies"] == 0
        and total <= community.auto_approve_total_fen
        and last is not None
        and abs(total - last["total_fen"]) <= community.auto_approve_change * last["total_fen"]
    )
