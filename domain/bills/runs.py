"""Making bill runs: one in the making per community and month, by a named constraint."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.bills.model import BillRun, BillRunStatus
from domain.fees.calc.periods import add_months


def hold(session: Session, *, community_id: int, month: date) -> None:
    """Wait until nobody else opens a run of this month, then be the one who may."""
    locks.hold(session, f"bill-run {community_id} {month}")


def create(
    session: Session,
    *,
    community_id: int,
    month: date,
    at: datetime,
    supplements: int | None = None,
) -> BillRun:
    """A new run of the month (its first day); the caller holds the month and found none to go on with.

    `supplements`: the issued run whose month it completes.
    """
    run = BillRun(
        community_id=community_id, period_start=month, period_end=add_months(month, 1),
        created_at=at, supplements_id=supplements,
    )  # fmt: skip
    session.add(run)
    session.flush()
    session.refresh(run)
    return run


def wait_in(session: Session, run_id: int, *, prefect_run: str) -> bool:
    """Remember which Prefect run a decision has to wake; False if it has been taken meanwhile."""
    run = session.get_one(BillRun, run_id, with_for_update=True, populate_existing=True)
    if run.status is not BillRunStatus.AWAITING_APPROVAL:
        return False
    run.waiting_run = prefect_run
    return True


def waiting_in(session: Session, prefect_run: str) -> int | None:
    """The run a suspended Prefect run was waiting for: a rejected one is not opened anew."""
    return session.scalar(select(BillRun.id).where(BillRun.waiting_run == prefect_run))
