"""Lists of bills and bill runs: filtered, found by number, room or payer, a page at a time.

A million bills: what is joined is joined outer, so that counting need not look at it, and the
words of a search first become few rooms and few people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, false, func, or_, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.bills.model import Bill, BillRun, BillRunChunk, BillRunStatus, BillStatus
from domain.bills.queries import OWING
from domain.bills.reading import BillRow, RunRow
from domain.company.model import Community
from domain.fees.calc.periods import parse_month
from domain.finding import Question, found_once
from domain.listing import EXPORTED, Listed, Wanted, among, listed, ordered
from domain.people import seeking
from domain.people.model import Person
from domain.rooms.model import Room

WEIGHED = 100
"""The most rooms and people that the words of a search stand for."""

BILLS = {"month": (Bill.period_start,)}
LATE_FIRST = {"late": (Bill.due_on,)}
RUNS = {"month": (BillRun.period_start,)}
SEEN = "bills.see"
_ROWS = (
    select(
        Bill.id, Bill.no, Bill.community_id, Bill.room_id, Room.code, Bill.payer_id,
        Person.name, Bill.period_start, Bill.period_end, Bill.status, Bill.total_fen,
        Bill.paid_fen, Bill.due_on, Community.name,
    )
    .outerjoin(Room, Room.id == Bill.room_id)
    .outerjoin(Person, Person.id == Bill.payer_id)
    .outerjoin(Community, Community.id == Bill.community_id)
)  # fmt: skip
"""Put together once: that takes longer than asking."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The words of a search, and the room code they may be."""

    words: str = ""
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """The rooms and people that words stand for; `weighed`: there are more than these."""

    rooms: Sequence[int] = ()
    people: Sequence[int] = ()
    weighed: int = 0


@dataclass(frozen=True, slots=True)
class ListedBill:
    """A bill with the community it is of."""

    bill: BillRow
    community_name: str


def bills(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Listed[ListedBill]:
    """One page of bills, newest month first; overdue ones by how long they are."""
    hits = meant(session, access, sought)
    found = _question(access, wanted, sought, hits, on).page(session, _how(wanted))
    return replace(found.dressed([_listed(row) for row in found.rows]), weighed=hits.weighed)


def everything(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Iterator[ListedBill]:
    """The same bills unpaged, for an export."""
    hits = meant(session, access, sought)
    asked = _question(access, wanted, sought, hits, on)
    return (_listed(row) for row in asked.everything(session, _how(wanted)))


def runs(session: Session, access: Access, wanted: Wanted) -> Listed[RunRow]:
    """One page of bill runs, newest month first, with the figures of their drafts."""
    asked, how = _runs(access, wanted)
    found = listed(session, asked, how, sorts=RUNS, key=BillRun.id)
    return found.dressed([RunRow(*row) for row in found.rows])


def every_run(session: Session, access: Access, wanted: Wanted) -> Iterator[RunRow]:
    """The same runs unpaged, for an export."""
    asked, how = _runs(access, wanted)
    rows = session.execute(ordered(asked, how, sorts=RUNS, key=BillRun.id).limit(EXPORTED))
    return (RunRow(*row) for row in rows)


def _runs(access: Access, wanted: Wanted) -> tuple[Select[Any], Wanted]:
    asked = (
        select(
            BillRun.id, Community.name, BillRun.period_start, BillRun.period_end, BillRun.status,
            _drafted(BillRunChunk.bills), _drafted(BillRunChunk.total_fen), BillRun.due_on,
            BillRun.supplements_id,
        )
        .outerjoin(Community, Community.id == BillRun.community_id)
        .where(access.where(SEEN, BillRun.community_id))
    )  # fmt: skip
    if community := wanted.filter("community"):
        asked = asked.where(BillRun.community_id == int(community))
    if status := wanted.filter("status"):
        asked = asked.where(BillRun.status == BillRunStatus(status))
    return asked, replace(wanted, sort=wanted.sort or "-month")


def months(session: Session, access: Access) -> Sequence[date]:
    """Months that were ever billed where the colleague may look, newest first."""
    found = select(BillRun.period_start).where(access.where(SEEN, BillRun.community_id))
    return session.scalars(found.distinct().order_by(BillRun.period_start.desc())).all()


def _drafted(column: Any) -> ColumnElement[int]:
    total = select(func.coalesce(func.sum(column), 0)).where(BillRunChunk.bill_run_id == BillRun.id)
    return cast(total.correlate(BillRun).scalar_subquery(), BigInteger)


def _question(access: Access, wanted: Wanted, sought: Sought, hits: Meant, on: date) -> Question:
    where = [access.where(SEEN, Bill.community_id)]
    if community := wanted.filter("community"):
        where.append(Bill.community_id == int(community))
    if month := wanted.filter("month"):
        where.append(Bill.period_start == parse_month(month))
    if status := wanted.filter("status"):
        where.append(Bill.status == BillStatus(status))
    late = wanted.filter("late")
    if late:
        where += [Bill.status.in_(OWING), Bill.due_on < on]
    sorts = BILLS | LATE_FIRST if late else BILLS
    if sought.words:
        return found_once(_ROWS, [*where, _meant(sought, hits)], sorts, Bill.id)
    return Question(_ROWS.where(*where), sorts, Bill.id.expression)


def _how(wanted: Wanted) -> Wanted:
    return replace(wanted, sort=wanted.sort or ("late" if wanted.filter("late") else "-month"))


def _meant(sought: Sought, hits: Meant) -> ColumnElement[bool]:
    """Bills the words may mean. Rooms and people are asked for first: they are few, and with them
    known the database finds their bills by index. Bills are numbered without Chinese.
    """
    number = sought.words.upper()
    found = [Bill.no == number] if number.isascii() else []
    found += [among(Bill.room_id, hits.rooms)] if hits.rooms else []
    found += [among(Bill.payer_id, hits.people)] if hits.people else []
    return or_(false(), *found)


def meant(session: Session, access: Access, sought: Sought, *, permission: str = SEEN) -> Meant:
    """The rooms and people the words may stand for, at most `WEIGHED` of each, exact ones first.

    Codes of rooms are written without Chinese, names of people with.
    """
    if not sought.words:
        return Meant()
    named = not sought.words.isascii()
    coded = sought.code is not None or not named
    rooms = session.scalars(_rooms(access, sought, permission)).all() if coded else []
    people = _people(session, access, sought, permission) if named else []
    more = max(len(rooms), len(people)) > WEIGHED
    return Meant(rooms[:WEIGHED], people[:WEIGHED], WEIGHED if more else 0)


def _rooms(access: Access, sought: Sought, permission: str) -> Select[Any]:
    exact = Room.code == (sought.code or sought.words)
    begins = Room.code.startswith(sought.words, autoescape=True)
    return (
        select(Room.id)
        .where(access.where(permission, Room.community_id), exact | begins)
        .order_by(exact.desc(), Room.code)
        .limit(WEIGHED + 1)
    )


def _people(session: Session, access: Access, sought: Sought, permission: str) -> Sequence[int]:
    here = access.where(permission, Person.community_id)
    return seeking.named(session, sought.words, here, most=WEIGHED + 1)


def _listed(row: Any) -> ListedBill:
    *bill, community = row
    return ListedBill(BillRow(*bill), community)


class OfRun(StrEnum):
    """Bills of a run worth a look of their own."""

    NO_PAYER = "no_payer"
    ZERO = "zero"


PICKS = {OfRun.NO_PAYER: "没有缴费人的", OfRun.ZERO: "金额为零的"}
BY_ROOM = {"room": (Bill.room_id,)}


def of_run(session: Session, run_id: int, wanted: Wanted, *, pick: OfRun | None) -> Listed[BillRow]:
    """One page of the bills of a run, room by room; discarded and reversed ones too."""
    asked = _ROWS.where(Bill.bill_run_id == run_id)
    if pick is OfRun.NO_PAYER:
        asked = asked.where(Bill.payer_id.is_(None))
    if pick is OfRun.ZERO:
        asked = asked.where(Bill.total_fen == 0)
    found = listed(session, asked, wanted, sorts=BY_ROOM, key=Bill.id)
    return found.dressed([_listed(row).bill for row in found.rows])
