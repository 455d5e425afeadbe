"""Approval without a person: only inside the limits a community has set, never with problems."""

from sqlalchemy.orm import Session

from domain.bills.model import BillRun
from domain.company.model import Community


def fits(session: Session, run: BillRun) -> bool:
    """Whether the run's figures are inside its community's limits. No total limit, no automation."""
    community = session.get_one(Community, run.community_id)
    if community.auto_approve_total_fen is None or run.summary["anomalies"]:
        return False
    total: int = run.summary["total_fen"]
    return total <= community.auto_approve_total_fen and _is_near_last(community, run)


def _is_near_last(community: Community, run: BillRun) -> bool:
    """A limit on the change, where one is set, needs a last period to compare with."""
    if community.auto_approve_change is None:
        return True
    last = run.summary["last"]
    if last is None:
        return False
    change = abs(run.summary["total_fen"] - last["total_fen"])
    return bool(change <= community.auto_approve_change * last["total_fen"])
