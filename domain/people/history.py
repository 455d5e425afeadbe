"""What a person's page tells of the past: payments, prepayment, letters. Bills: domain.bills."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BindParameter, Integer, bindparam, select
from sqlalchemy.orm import Session

from domain.bills.model import Bill
from domain.letters.model import Letter, LetterStatus
from domain.payments.model import (
    Payment,
    PaymentMethod,
    PaymentStatus,
    PrepaymentAccount,
    PrepaymentCause,
    PrepaymentEntry,
)

# Put together once: that takes longer than asking.
_PERSON: BindParameter[int] = bindparam("person_id")
_LIMIT = bindparam("limit", type_=Integer)
_PAYMENTS = (
    select(
        Payment.receipt_no, Payment.method, Payment.status, Payment.amount_fen,
        Payment.received_at,
    )
    .where(Payment.payer_id == _PERSON)
    .order_by(Payment.id.desc())
    .limit(_LIMIT)
)  # fmt: skip
_PREPAYMENT = (
    select(
        PrepaymentAccount.balance_fen, PrepaymentEntry.at, PrepaymentEntry.cause,
        PrepaymentEntry.amount_fen, Bill.no,
    )
    .outerjoin(PrepaymentEntry, PrepaymentEntry.account_id == PrepaymentAccount.id)
    .outerjoin(Bill, Bill.id == PrepaymentEntry.bill_id)
    .where(PrepaymentAccount.person_id == _PERSON)
    .order_by(PrepaymentEntry.id.desc())
    .limit(_LIMIT)
)  # fmt: skip
_LETTERS = (
    select(
        Letter.kind, Letter.status, Letter.queued_at, Letter.sent_at, Letter.opened_at,
        Letter.failure_reason,
    )
    .where(Letter.person_id == _PERSON)
    .order_by(Letter.id.desc())
    .limit(_LIMIT)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment of the person."""

    receipt_no: str | None
    method: PaymentMethod
    status: PaymentStatus
    amount_fen: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class PrepaymentRow:
    """One movement of the prepayment; `bill_no` where it went to, or came from, a bill."""

    at: datetime
    cause: PrepaymentCause
    amount_fen: int
    bill_no: str | None


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter to the person, and how it fared."""

    kind: str
    status: LetterStatus
    queued_at: datetime
    sent_at: datetime | None
    opened_at: datetime | None
    failure_reason: str | None


def payments(session: Session, person_id: int, *, limit: int) -> list[PaymentRow]:
    """The newest payments of a person."""
    rows = session.execute(_PAYMENTS, {"person_id": person_id, "limit": limit})
    return [PaymentRow(*row) for row in rows]


def prepayment(session: Session, person_id: int, *, limit: int) -> tuple[int, list[PrepaymentRow]]:
    """A person's prepayment in fen, and its newest movements."""
    rows = session.execute(_PREPAYMENT, {"person_id": person_id, "limit": limit}).all()
    moves = [PrepaymentRow(*move) for _, *move in rows if move[0] is not None]
    return (rows[0].balance_fen if rows else 0), moves


def letters(session: Session, person_id: int, *, limit: int) -> list[LetterRow]:
    """The newest letters to a person."""
    rows = session.execute(_LETTERS, {"person_id": person_id, "limit": limit})
    return [LetterRow(*row) for row in rows]
