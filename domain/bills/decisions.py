"""The person's word on a bill run."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills.model import BillRun, BillRunDecision, Decision
from domain.bills.queries import totals, totals_ever
from domain.errors import Conflict
from domain.history.actor import Actor
from domain.inbox import rack as inbox

DECISION_NAMES = {Decision.APPROVE: "批准", Decision.REJECT: "驳回"}


class AlreadyDecided(Conflict):
    """Somebody has decided before."""

    code = "already_decided"


class DraftsChanged(Conflict):
    """The drafts are no longer what was approved."""

    code = "drafts_changed"


def of(session: Session, run_id: int) -> BillRunDecision | None:
    """The decision on a run, if there is one."""
    return session.scalar(select(BillRunDecision).where(BillRunDecision.bill_run_id == run_id))


def write(
    session: Session,
    run: BillRun,
    decision: Decision,
    *,
    by: Actor,
    at: datetime,
    note: str | None,
) -> BillRunDecision:
    """Write the decision on a locked run, with the figures the person saw."""
    first = of(session, run.id)
    if first is not None:
        raise AlreadyDecided(f"{first.actor_name}已经{DECISION_NAMES[first.decision]}了这批账单")
    bills, total_fen = totals(session, run.id)
    row = BillRunDecision(
        bill_run_id=run.id,
        decision=decision,
        bills=bills,
        total_fen=total_fen,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        at=at,
        note=note,
    )
    session.add(row)
    session.flush()
    inbox.wake(session)  # cards on phones should say it
    return row


def check_unchanged(session: Session, run_id: int) -> None:
    """Refuse to issue anything but what was approved; a bill reversed since was approved all the same."""
    approved = of(session, run_id)
    if approved is None or totals_ever(session, run_id) != (
        approved.bills,
        approved.total_fen,
    ):
        raise DraftsChanged("草稿账单与批准时不一致，已停止出账，请驳回后重新计算")
