"""Approval without a person: only inside the limits a community has set, never with problems."""

from datetime import datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from domain.bills.model import BillRun
from domain.company.model import Community
from domain.errors import Invalid
from domain.history import audit
from domain.history.actor import Actor

MOST_FEN = 10**13
MOST_CHANGE = 100


def set_limits(
    session: Session,
    community: Community,
    *,
    total_fen: int | None,
    change: Decimal | None,
    by: Actor,
    at: datetime,
) -> None:
    """From the next run on: no total means that a person always decides."""
    if total_fen is None and change is not None:
        raise Invalid("请先给出总额上限；没有上限就一律人工审批")
    if total_fen is not None and not 0 <= total_fen <= MOST_FEN:
        raise Invalid("总额上限应在 0 到 1000 亿元之间")
    if change is not None and not 0 <= change <= MOST_CHANGE:
        raise Invalid("与上期相差的比例要写成小数，如 0.1")
    community.auto_approve_total_fen, community.auto_approve_change = total_fen, change
    audit.record(
        session, "bill_run.limits", subject="community", subject_id=community.id, by=by, at=at,
        total_fen=total_fen, change=None if change is None else str(change),
    )  # fmt: skip


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
