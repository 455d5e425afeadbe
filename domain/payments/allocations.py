"""核销: which fen paid which bill, and how it comes back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, aliased

from domain.bills.model import Bill
from domain.errors import Conflict
from domain.history.actor import Actor
from domain.payments.model import Allocation, Payment, PrepaymentCause, PrepaymentEntry
from domain.payments.prepayments import account, move

NOBODYS = "账单 {} 没有缴费人，收到的钱没有预存款可转：请先在“收款记录”里退款，再红冲"


class PayerUnknown(Conflict):
    """Money cannot become prepayment because nobody is recorded as payer."""

    code = "payer_unknown"


def allocate(
    session: Session,
    bill: Bill,
    fen: int,
    *,
    by: Actor,
    at: datetime,
    payment: Payment | None = None,
    entry: PrepaymentEntry | None = None,
) -> Allocation:
    """Write that `fen` of a payment or of a prepayment entry went to a bill."""
    row = Allocation(
        bill_id=bill.id,
        payment_id=payment.id if payment else None,
        prepayment_entry_id=entry.id if entry else None,
        amount_fen=fen,
        at=at,
        actor_name=by.name,
    )
    session.add(row)
    return row


def standing(session: Session, *where: object) -> Sequence[Allocation]:
    """Allocations that have not been released, oldest first."""
    releasing = aliased(Allocation)
    return session.scalars(
        select(Allocation)
        .where(
            Allocation.releases_id.is_(None),
            ~exists().where(releasing.releases_id == Allocation.id),
            *where,  # type: ignore[arg-type]
        )
        .order_by(Allocation.id)
    ).all()


def release(session: Session, row: Allocation, *, by: Actor, at: datetime) -> int:
    """Take one allocation back by a negative row; the fen that came free."""
    session.add(
        Allocation(
            bill_id=row.bill_id,
            payment_id=row.payment_id,
            prepayment_entry_id=row.prepayment_entry_id,
            releases_id=row.id,
            amount_fen=-row.amount_fen,
            at=at,
            actor_name=by.name,
        )
    )
    return row.amount_fen


def release_to_prepayment(session: Session, bill: Bill, *, by: Actor, at: datetime) -> int:
    """Free all money of a bill and leave it with the payer as prepayment; how many fen."""
    rows = standing(session, Allocation.bill_id == bill.id)
    freed = sum(release(session, row, by=by, at=at) for row in rows)
    if freed:
        theirs = account(
            session,
            community_id=bill.community_id,
            person_id=_owner(session, bill, rows),
        )
        move(
            session, theirs, freed,
            cause=PrepaymentCause.BILL_REVERSED, by=by, at=at, bill_id=bill.id,
        )  # fmt: skip
    return freed


def nobodys(session: Session, bill: Bill) -> bool:
    """Whether money of a bill is nobody's: it cannot become prepayment, only be refunded."""
    if bill.payer_id is not None or not bill.paid_fen:
        return False
    return _owner_of(session, bill, standing(session, Allocation.bill_id == bill.id)) is None


def _owner(session: Session, bill: Bill, rows: Sequence[Allocation]) -> int:
    person = _owner_of(session, bill, rows)
    if person is None:
        raise PayerUnknown(NOBODYS.format(bill.no), bill=bill.no)
    return person


def _owner_of(session: Session, bill: Bill, rows: Sequence[Allocation]) -> int | None:
    """Whose money it is: the bill's payer, else whoever paid."""
    paid_by = session.scalar(
        select(Payment.payer_id)
        .where(
            Payment.id.in_([row.payment_id for row in rows if row.payment_id]),
            Payment.payer_id.is_not(None),
        )
        .limit(1)
    )
    return bill.payer_id or paid_by
