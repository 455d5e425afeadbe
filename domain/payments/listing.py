"""Lists of money taken: by time, community, way and cashier; and what each till came to in a day."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, any_, cast, false, func, or_, select
from sqlalchemy.orm import Session

from domain import clock
from domain.access.access import Access
from domain.bills.listing import Meant, Sought, meant
from domain.bills.model import Bill
from domain.company.model import Community
from domain.finding import Question, found_once
from domain.listing import Listed, Wanted, among
from domain.payments.model import Allocation, Payment, PaymentMethod, PaymentStatus
from domain.payments.queries import ROOMS
from domain.people.model import Person
from domain.staff.model import Staff

SEEN = "payments.see"
SORTS = {"time": (Payment.received_at,)}
TAKEN = (PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED, PaymentStatus.REFUNDED)
"""Money that came in, whatever became of it."""
_ROWS = (
    select(
        Payment.id, Payment.receipt_no, Payment.amount_fen, Payment.method, Payment.status,
        Payment.received_at, Staff.name, Person.name, Community.name, ROOMS,
    )
    .outerjoin(Staff, Staff.id == Payment.received_by)
    .outerjoin(Person, Person.id == Payment.payer_id)
    .outerjoin(Community, Community.id == Payment.community_id)
)  # fmt: skip
"""Put together once: that takes longer than asking."""


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment in a list."""

    id: int
    receipt_no: str
    amount_fen: int
    method: PaymentMethod
    status: PaymentStatus
    received_at: datetime
    cashier: str | None
    payer: str | None
    community_name: str
    rooms: str | None


@dataclass(frozen=True, slots=True)
class TillRow:
    """What one cashier took one way on one day; `refunded_fen` of it was given back since."""

    cashier: str | None
    method: PaymentMethod
    payments: int
    total_fen: int
    refunded_fen: int


def payments(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Listed[PaymentRow]:
    """One page of payments, the latest first."""
    hits = meant(session, access, sought, permission=SEEN)
    found = _question(access, wanted, sought, hits, on).page(session, _how(wanted))
    return replace(found.dressed([PaymentRow(*row) for row in found.rows]), weighed=hits.weighed)


def everything(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Iterator[PaymentRow]:
    """The same payments unpaged, for an export."""
    hits = meant(session, access, sought, permission=SEEN)
    asked = _question(access, wanted, sought, hits, on)
    return (PaymentRow(*row) for row in asked.everything(session, _how(wanted)))


def tills(session: Session, access: Access, *, on: date, community_id: int | None) -> list[TillRow]:
    """What came in on a day, by cashier and way."""
    refunded = Payment.status == PaymentStatus.REFUNDED
    given_back = func.coalesce(func.sum(Payment.amount_fen).filter(refunded), 0)
    asked = (
        select(
            Staff.name, Payment.method, func.count(),
            cast(func.sum(Payment.amount_fen), BigInteger), cast(given_back, BigInteger),
        )
        .outerjoin(Staff, Staff.id == Payment.received_by)
        .where(access.where(SEEN, Payment.community_id), *_between(on, on + timedelta(1)))
        .where(Payment.status.in_(TAKEN))
        .group_by(Staff.id, Staff.name, Payment.method)
        .order_by(Staff.name, Staff.id, Payment.method)
    )  # fmt: skip
    if community_id is not None:
        asked = asked.where(Payment.community_id == community_id)
    return [TillRow(*row) for row in session.execute(asked)]


def _question(access: Access, wanted: Wanted, sought: Sought, hits: Meant, on: date) -> Question:
    where = [Payment.receipt_no.is_not(None), access.where(SEEN, Payment.community_id)]
    if community := wanted.filter("community"):
        where.append(Payment.community_id == int(community))
    if method := wanted.filter("method"):
        where.append(Payment.method == PaymentMethod(method))
    if status := wanted.filter("status"):
        where.append(Payment.status == PaymentStatus(status))
    if when := wanted.filter("when"):
        where += _between(*_days(when, on))
    if sought.words:
        return found_once(_ROWS, [*where, _meant(sought, hits)], SORTS, Payment.id)
    # The table itself is too long to be begun upon; an index in this order answers alone.
    by_time = select(Payment.id).where(*where).order_by(Payment.received_at.desc())
    return Question(_ROWS.where(*where), SORTS, Payment.id.expression, by_time)


def _how(wanted: Wanted) -> Wanted:
    return replace(wanted, sort=wanted.sort or "-time")


def _meant(sought: Sought, hits: Meant) -> ColumnElement[bool]:
    """Payments the words may mean. Where they can be no number none is looked for, for a part with
    an index of its own is found far sooner alone: receipts are numbered without Chinese.
    """
    number = sought.words.upper()
    either = [Payment.receipt_no == number] if number.isascii() else []
    if hits.people:
        either.append(among(Payment.payer_id, hits.people))
    if hits.rooms:
        paid = (
            select(Allocation.payment_id)
            .join(Bill, Bill.id == Allocation.bill_id)
            .where(among(Bill.room_id, hits.rooms), Allocation.payment_id.is_not(None))
        )
        either.append(Payment.id == any_(func.array(paid.scalar_subquery())))
    return or_(false(), *either)


WHEN = {"today": "今天", "yesterday": "昨天", "month": "本月", "last_month": "上月"}


def _days(when: str, on: date) -> tuple[date, date]:
    """A half-open span of days."""
    first = on.replace(day=1)
    match when:
        case "today":
            return on, on + timedelta(1)
        case "yesterday":
            return on - timedelta(1), on
        case "last_month":
            return (first - timedelta(1)).replace(day=1), first
        case _:
            return first, on + timedelta(1)


def _between(first: date, until: date) -> list[Any]:
    return [
        Payment.received_at >= clock.start_of(first), Payment.received_at < clock.start_of(until),
    ]  # fmt: skip
