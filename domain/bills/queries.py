"""Named questions about bills and runs."""

import unicodedata
from collections.abc import Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillRun, BillRunStatus, BillStatus
from domain.errors import NotFound

OWING = (BillStatus.ISSUED, BillStatus.PARTLY_PAID)
LIVE_RUNS = BillRun.status.not_in([BillRunStatus.REJECTED, BillRunStatus.REVERSED])


class BillNotFound(NotFound):
    """No bill with this number."""

    code = "bill_not_found"


def by_no(session: Session, no: str) -> Bill:
    """The bill with this number, as people type it, or BillNotFound."""
    typed = "".join(unicodedata.normalize("NFKC", no).split()).upper()
    bill = session.scalar(select(Bill).where(Bill.no == typed))
    if bill is None:
        raise BillNotFound(f"没有账单号为 {no[:40]} 的账单")
    return bill


def numbered(session: Session, nos: Sequence[str]) -> list[Bill]:
    """The bills with these numbers, or BillNotFound with the first that is not there."""
    found = {bill.no: bill for bill in session.scalars(select(Bill).where(Bill.no.in_(nos)))}
    for no in nos:
        if no not in found:
            raise BillNotFound(f"没有账单号为 {no[:40]} 的账单")
    return list(found.values())


def lock_all(session: Session, bill_ids: Sequence[int]) -> list[Bill]:
    """The bills, locked in id order so that two cashiers never deadlock."""
    found = session.scalars(
        select(Bill)
        .where(Bill.id.in_(bill_ids))
        .order_by(Bill.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != len(set(bill_ids)):
        raise BillNotFound("有账单不存在，请刷新后重试")
    return list(found)


def owing_of(session: Session, person_id: int) -> Sequence[Bill]:
    """What a person still owes, oldest due first."""
    return session.scalars(
        select(Bill)
        .where(Bill.payer_id == person_id, Bill.status.in_(OWING))
        .order_by(Bill.due_on, Bill.period_start, Bill.id)
    ).all()


def live_run(session: Session, *, community_id: int, period_start: date) -> BillRun | None:
    """The run of this month that counts, if there is one: the one in the making, else the newest."""
    return session.scalar(
        select(BillRun)
        .where(
            BillRun.community_id == community_id,
            BillRun.period_start == period_start,
            LIVE_RUNS,
        )
        .order_by(BillRun.status == BillRunStatus.ISSUED, BillRun.id.desc())
        .limit(1)
    )


def issued_runs(session: Session, *, community_id: int, period_start: date) -> Sequence[BillRun]:
    """The issued runs of a month that were not reversed, first the one that others supplement."""
    return session.scalars(
        select(BillRun)
        .where(
            BillRun.community_id == community_id,
            BillRun.period_start == period_start,
            BillRun.status == BillRunStatus.ISSUED,
        )
        .order_by(BillRun.id)
    ).all()


def has_run_since(session: Session, run: BillRun) -> bool:
    """Whether another run of this month or a later one counts in the run's community."""
    since = select(BillRun.id).where(
        BillRun.community_id == run.community_id,
        BillRun.period_start >= run.period_start,
        BillRun.id != run.id,
        LIVE_RUNS,
    )
    return session.scalar(select(since.exists())) or False


def supplements(session: Session, run_id: int) -> Sequence[BillRun]:
    """The runs that completed this one's month after it."""
    return session.scalars(
        select(BillRun).where(BillRun.supplements_id == run_id).order_by(BillRun.id)
    ).all()


def totals(session: Session, run_id: int) -> tuple[int, int]:
    """(bills, total_fen) of a run, discarded and reversed bills aside."""
    return _totals(session, run_id, BillStatus.DISCARDED, BillStatus.REVERSED)


def totals_ever(session: Session, run_id: int) -> tuple[int, int]:
    """(bills, total_fen) of a run, with those that were reversed since."""
    return _totals(session, run_id, BillStatus.DISCARDED)


def _totals(session: Session, run_id: int, *without: BillStatus) -> tuple[int, int]:
    count, total = session.execute(
        select(func.count(), func.coalesce(func.sum(Bill.total_fen), 0)).where(
            Bill.bill_run_id == run_id, Bill.status.not_in(without)
        )
    ).one()
    return int(count), int(total)


def lock_live(session: Session, run_id: int) -> Sequence[int]:
    """Ids of the issued bills of a run, paid or not, locked in id order as cashiers lock them."""
    return session.scalars(
        select(Bill.id)
        .where(
            Bill.bill_run_id == run_id,
            Bill.status.in_([*OWING, BillStatus.PAID]),
        )
        .order_by(Bill.id)
        .with_for_update()
    ).all()


def oldest_owing(session: Session, community_id: int) -> Bill | None:
    """The bill of a community that has been owed longest."""
    return session.scalars(
        select(Bill)
        .where(Bill.community_id == community_id, Bill.status.in_(OWING))
        .order_by(Bill.due_on, Bill.id)
        .limit(1)
    ).first()
