"""Making bill runs: one live run per community and month, by a named constraint."""

from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.bills.model import BillRun, BillRunStatus
from domain.fees.calc.periods import add_months

LIVE = text("status NOT IN ('rejected', 'reversed')")


def create(session: Session, *, community_id: int, month: date, at: datetime) -> bool:
    """Insert a run of the month (its first day) unless a live one exists; whether it was made."""
    written = session.execute(
        insert(BillRun)
        .values(
            community_id=community_id,
            period_start=month,
            period_end=add_months(month, 1),
            created_at=at,
        )
        .on_conflict_do_nothing(
            index_elements=[BillRun.community_id, BillRun.period_start], index_where=LIVE
        )
    )  # fmt: skip
    return bool(written.rowcount)  # type: ignore[attr-defined]


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
