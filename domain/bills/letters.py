"""Letters about bills: approvers are asked, payers are told – one letter each, whatever happens."""

from datetime import datetime

from sqlalchemy import ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillRun, BillStatus
from domain.letters import outbox
from domain.letters.model import Letter
from domain.staff import queries as staff

PAYER_COLUMNS = [
    "kind", "key", "facts", "person_id", "community_id", "queued_at", "not_before",
]  # fmt: skip

BILLS_PER_PART = 20_000


def ask_approvers(session: Session, run: BillRun, *, at: datetime) -> None:
    """Tell everyone who may decide that drafts are waiting."""
    for person in staff.holding(session, "bills.approve", community_id=run.community_id):
        outbox.put(
            session,
            "bill_run.awaiting_approval",
            key=f"bill_run:{run.id}:awaiting_approval:{person.id}",
            facts={"run": run.id},
            staff_id=person.id,
            community_id=run.community_id,
            at=at,
        )


def parts(session: Session, run: BillRun) -> int:
    """In how many parts the payers of a run are told side by side; 1: all at once, with its end."""
    bills = session.scalar(select(func.count()).where(Bill.bill_run_id == run.id)) or 0
    return max(1, round(bills / BILLS_PER_PART))


def tell_payers(
    session: Session, run: BillRun, *, at: datetime, part: int = 0, parts: int = 1
) -> int:
    """Queue one letter per payer of an issued run, set-based; how many. Who was told stays told.

    `part` of `parts`: only the payers whose number leaves this rest.
    """
    payers = (
        select(
            literal("bill.issued"),
            literal(_prefix(run)) + cast(Bill.payer_id, Letter.key.type),
            func.jsonb_build_object(
                "run",
                run.id,
                "bills",
                func.count(),
                "total_fen",
                func.sum(Bill.total_fen),
            ),
            Bill.payer_id,
            literal(run.community_id),
            literal(at, Letter.queued_at.type),
            literal(at, Letter.queued_at.type),
        )
        .where(*_owed(run), Bill.payer_id % parts == part)
        .group_by(Bill.payer_id)
    )
    written = session.execute(
        upsert(Letter).from_select(PAYER_COLUMNS, payers).on_conflict_do_nothing()
    )
    outbox.wake(session)
    return int(written.rowcount)  # type: ignore[attr-defined]


def are_told(session: Session, run: BillRun) -> bool:
    """Whether every payer of an issued run has a letter."""
    payers = select(Bill.payer_id).where(*_owed(run))
    told = select(Letter.person_id).where(of_run(run))
    return session.execute(payers.except_(told).limit(1)).first() is None


def of_run(run: BillRun) -> ColumnElement[bool]:
    """Letters to payers about this run."""
    return Letter.key.startswith(_prefix(run), autoescape=True)


def _prefix(run: BillRun) -> str:
    return f"bill_run:{run.id}:payer:"


def _owed(run: BillRun) -> tuple[ColumnElement[bool], ...]:
    """Bills of the run that somebody has to hear of."""
    issued = [BillStatus.ISSUED, BillStatus.PARTLY_PAID, BillStatus.PAID]
    return (
        Bill.bill_run_id == run.id, Bill.payer_id.is_not(None), Bill.total_fen > 0,
        Bill.status.in_(issued),
    )  # fmt: skip
