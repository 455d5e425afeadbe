"""Named questions about money taken: receipts, what paid a bill, what the till holds today."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Integer, Select, bindparam, cast, func, select
from sqlalchemy.orm import Session, aliased

from domain.bills.model import Bill
from domain.company.model import Community, Company
from domain.errors import NotFound
from domain.payments.allocations import standing
from domain.payments.model import (
    Allocation,
    Payment,
    PaymentMethod,
    PaymentStatus,
    PrepaymentAccount,
    PrepaymentCause,
    PrepaymentEntry,
)
from domain.people.model import Person
from domain.rooms.model import Room
from domain.staff.model import Staff

_SHARE, _BILL, _ROOM = aliased(Allocation), aliased(Bill), aliased(Room)
ROOMS = (
    select(func.string_agg(func.distinct(_ROOM.code), "、"))
    .select_from(_SHARE)
    .join(_BILL, _BILL.id == _SHARE.bill_id)
    .join(_ROOM, _ROOM.id == _BILL.room_id)
    .where(_SHARE.payment_id == Payment.id)
    .scalar_subquery()
)
"""The rooms whose bills a payment paid, for a query over payments."""
# What the counter asks at every household is put together once: that takes longer than asking.
_TAKEN = (
    select(
        Payment.receipt_no, Payment.amount_fen, Payment.method, Payment.status,
        Payment.received_at, Staff.name, ROOMS,
    )
    .outerjoin(Staff, Staff.id == Payment.received_by)
    .where(Payment.receipt_no.is_not(None))
    .order_by(Payment.id.desc())
    .limit(bindparam("limit", type_=Integer))
)  # fmt: skip
_AROUND = _TAKEN.where(
    Payment.id.in_(
        select(Allocation.payment_id)
        .join(Bill, Bill.id == Allocation.bill_id)
        .where(Bill.room_id == bindparam("room_id"))
    )
)
_MINE = (
    Payment.received_by == bindparam("staff_id"), Payment.received_at >= bindparam("since"),
)  # fmt: skip
_LATEST = _TAKEN.where(*_MINE)
_TILL = select(func.count(), func.coalesce(func.sum(Payment.amount_fen), 0)).where(
    *_MINE, Payment.status == PaymentStatus.PAID
)
_PREPAID = select(PrepaymentAccount).where(
    PrepaymentAccount.community_id == bindparam("community_id"),
    PrepaymentAccount.person_id.in_(bindparam("person_ids", expanding=True)),
)


class ReceiptNotFound(NotFound):
    """No receipt with this number."""

    code = "receipt_not_found"


@dataclass(frozen=True, slots=True)
class Share:
    """What of a payment went to one bill. `left_fen`: what the bill still owes today."""

    bill_no: str
    room_id: int
    room_code: str
    period_start: Any
    period_end: Any
    amount_fen: int
    left_fen: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment as its receipt says it."""

    payment_id: int
    no: str
    status: PaymentStatus
    method: PaymentMethod
    amount_fen: int
    received_at: datetime
    cashier: str | None
    payer_name: str | None
    community_id: int
    community_name: str
    company_name: str
    note: str | None
    kept_fen: int
    shares: tuple[Share, ...] = ()


@dataclass(frozen=True, slots=True)
class MoneyIn:
    """One stretch of money that paid a bill; no receipt means it came from prepayment."""

    at: datetime
    amount_fen: int
    receipt_no: str | None
    method: PaymentMethod | None


@dataclass(frozen=True, slots=True)
class Taken:
    """A payment in a list."""

    receipt_no: str
    amount_fen: int
    method: PaymentMethod
    status: PaymentStatus
    received_at: datetime
    cashier: str | None
    rooms: str | None


@dataclass(frozen=True, slots=True)
class Till:
    """What one cashier took since a moment."""

    payments: int
    total_fen: int


def towards(session: Session, bill_id: int) -> list[MoneyIn]:
    """What paid a bill and still stands, oldest first."""
    rows = standing(session, Allocation.bill_id == bill_id)
    ids = [row.payment_id for row in rows if row.payment_id]
    by_id = {
        payment.id: payment
        for payment in session.scalars(select(Payment).where(Payment.id.in_(ids)))
    }
    found = []
    for row in rows:
        payment = by_id.get(row.payment_id or 0)
        receipt = (payment.receipt_no, payment.method) if payment else (None, None)
        found.append(MoneyIn(row.at, row.amount_fen, *receipt))
    return found


def receipt(session: Session, no: str) -> Receipt:
    """The receipt with this number, or ReceiptNotFound."""
    kept = (
        select(cast(func.coalesce(func.sum(PrepaymentEntry.amount_fen), 0), BigInteger))
        .where(
            PrepaymentEntry.payment_id == Payment.id,
            PrepaymentEntry.cause == PrepaymentCause.OVERPAID,
        )
        .scalar_subquery()
    )
    row = session.execute(
        select(
            Payment.id, Payment.receipt_no, Payment.status, Payment.method, Payment.amount_fen,
            Payment.received_at, Staff.name, Person.name, Community.id, Community.name,
            Company.name, Payment.note, kept,
        )
        .join(Community, Community.id == Payment.community_id)
        .join(Company, Company.id == Community.company_id)
        .outerjoin(Staff, Staff.id == Payment.received_by)
        .outerjoin(Person, Person.id == Payment.payer_id)
        .where(Payment.receipt_no == no)
    ).one_or_none()  # fmt: skip
    if row is None:
        raise ReceiptNotFound(f"没有收据号为 {no[:40]} 的收据")
    return replace(Receipt(*row), shares=_shares(session, row[0]))


def around(session: Session, room_id: int, *, limit: int) -> list[Taken]:
    """The newest payments that went to bills of a room."""
    return _taken(session, _AROUND, room_id=room_id, limit=limit)


def latest(session: Session, staff_id: int, *, since: datetime, limit: int) -> list[Taken]:
    """What a cashier took since a moment, newest first."""
    return _taken(session, _LATEST, staff_id=staff_id, since=since, limit=limit)


def till(session: Session, staff_id: int, *, since: datetime) -> Till:
    """How many payments and how many fen a cashier took since a moment, refunds aside."""
    count, total = session.execute(_TILL, {"staff_id": staff_id, "since": since}).one()
    return Till(int(count), int(total))


def prepaid(
    session: Session, person_ids: Collection[int], *, community_id: int
) -> dict[int, PrepaymentAccount]:
    """The prepayment accounts of some people; who has none is left out."""
    of = {"community_id": community_id, "person_ids": list(person_ids)}
    found = session.scalars(_PREPAID, of)
    return {account.person_id: account for account in found}


def _shares(session: Session, payment_id: int) -> tuple[Share, ...]:
    rows = session.execute(
        select(
            Bill.no, Bill.room_id, Room.code, Bill.period_start, Bill.period_end,
            Allocation.amount_fen, Bill.total_fen - Bill.paid_fen,
        )
        .join(Bill, Bill.id == Allocation.bill_id)
        .join(Room, Room.id == Bill.room_id)
        .where(Allocation.payment_id == payment_id, Allocation.releases_id.is_(None))
        .order_by(Allocation.id)
    )  # fmt: skip
    return tuple(Share(*row) for row in rows)


def _taken(session: Session, asked: Select[Any], **known: Any) -> list[Taken]:
    return [Taken(*row) for row in session.execute(asked, known)]
