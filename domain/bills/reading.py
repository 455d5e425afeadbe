"""Bills as people read them: rows of lists, with the room's code and the payer's name."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Executable,
    Integer,
    bindparam,
    cast,
    func,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillLine, BillRun, BillRunChunk, BillRunStatus, BillStatus
from domain.bills.queries import OWING, BillNotFound
from domain.company.model import Community
from domain.fees.model import FeeItem
from domain.listing import COUNTED
from domain.people.model import Person
from domain.rooms.model import Room

OWNER_SEES = (*OWING, BillStatus.PAID, BillStatus.REVERSED)
"""A draft is not a bill yet, and a write-off is the company's own affair."""

WAITING = 50
"""The most waiting runs a page shows."""

# What every owner's page asks is put together once: that takes longer than asking.
_ROWS = (
    select(
        Bill.id, Bill.no, Bill.community_id, Bill.room_id, Room.code, Bill.payer_id,
        Person.name, Bill.period_start, Bill.period_end, Bill.status, Bill.total_fen,
        Bill.paid_fen, Bill.due_on,
    )
    .join(Room, Room.id == Bill.room_id)
    .outerjoin(Person, Person.id == Bill.payer_id)
)  # fmt: skip
_OLDEST_FIRST = _ROWS.order_by(Bill.due_on, Bill.period_start, Bill.id)
_PAYER: BindParameter[int] = bindparam("payer_id")
_SETTLED = (
    _ROWS.where(
        Bill.payer_id == _PAYER,
        Bill.status.in_([status for status in OWNER_SEES if status not in OWING]),
    )
    .order_by(Bill.period_start.desc(), Bill.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_OF_OWNER = union_all(
    _ROWS.where(Bill.payer_id == _PAYER, Bill.status.in_(OWING)), _SETTLED.subquery().select()
)
_OF_ROOM = (
    _ROWS.where(
        Bill.room_id == bindparam("room_id"),
        Bill.status.not_in([BillStatus.DRAFT, BillStatus.DISCARDED]),
    )
    .order_by(Bill.period_start.desc(), Bill.id.desc())
    .limit(bindparam("limit", type_=Integer))
)
_ROW = _ROWS.where(Bill.id == bindparam("bill_id"))


@dataclass(frozen=True, slots=True)
class BillRow:
    """One bill in a list. The period is half-open."""

    id: int
    no: str
    community_id: int
    room_id: int
    room_code: str
    payer_id: int | None
    payer_name: str | None
    period_start: date
    period_end: date
    status: BillStatus
    total_fen: int
    paid_fen: int
    due_on: date | None

    @property
    def owed_fen(self) -> int:
        """What is still to be paid."""
        return self.total_fen - self.paid_fen if self.status in OWING else 0

    def days_overdue(self, on: date) -> int:
        """Full days past the due date with something outstanding; 0 when it is not late."""
        return max(0, (on - self.due_on).days) if self.owed_fen and self.due_on else 0


@dataclass(frozen=True, slots=True)
class ItemSum:
    """What one fee item comes to on one bill."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A bill run in a list; `bills` and `total_fen` are those of its drafts."""

    id: int
    community_name: str
    period_start: date
    period_end: date
    status: BillRunStatus
    bills: int
    total_fen: int
    due_on: date | None
    supplements: int | None


def owing_and_settled(
    session: Session, person_id: int, *, settled: int | None
) -> tuple[list[BillRow], list[BillRow]]:
    """What a person owes, oldest due first, and so much of what no longer, newest first."""
    rows = _rows(session, _OF_OWNER, payer_id=person_id, limit=settled)
    owing = [row for row in rows if row.status in OWING]
    over = [row for row in rows if row.status not in OWING]
    return (
        sorted(owing, key=lambda row: (row.due_on or date.max, row.period_start, row.id)),
        sorted(over, key=lambda row: (row.period_start, row.id), reverse=True),
    )


def of_room(session: Session, room_id: int, *, limit: int) -> list[BillRow]:
    """The newest bills of a room, whoever pays them; drafts are not bills yet."""
    return _rows(session, _OF_ROOM, room_id=room_id, limit=limit)


def of_owner(session: Session, person_id: int, no: str) -> Bill:
    """A bill the person may read, or BillNotFound: somebody else's looks like none."""
    bill = session.scalar(
        select(Bill).where(
            Bill.no == no, Bill.payer_id == person_id, Bill.status.in_(OWNER_SEES)
        )
    )  # fmt: skip
    if bill is None:
        raise BillNotFound("没有找到这张账单")
    return bill


def owing_around(session: Session, room_id: int, payer_ids: Collection[int]) -> list[BillRow]:
    """What a cashier at this room may collect: its own bills, and its payers' other rooms'."""
    near = or_(Bill.room_id == room_id, Bill.payer_id.in_(payer_ids))
    return _oldest_first(session, near, Bill.status.in_(OWING))


def chosen(session: Session, bill_ids: Collection[int], *, community_id: int) -> list[BillRow]:
    """These bills of this community, oldest due first; BillNotFound when one is not among them."""
    rows = _oldest_first(session, Bill.id.in_(bill_ids), Bill.community_id == community_id)
    if len(rows) != len(set(bill_ids)):
        raise BillNotFound("有账单不存在或不属于这个小区，请回到房屋页重新选择")
    return rows


def row(session: Session, bill_id: int) -> BillRow:
    """One bill as a row."""
    return _rows(session, _ROW, bill_id=bill_id)[0]


def items(session: Session, bill_ids: Collection[int]) -> dict[int, list[ItemSum]]:
    """What each bill is made of: fee items with their sums, in the order of the lines."""
    rows = session.execute(
        select(BillLine.bill_id, FeeItem.name, func.sum(BillLine.amount_fen))
        .join(FeeItem, FeeItem.id == BillLine.fee_item_id)
        .where(BillLine.bill_id.in_(bill_ids), BillLine.reverses_id.is_(None))
        .group_by(BillLine.bill_id, FeeItem.name)
        .order_by(func.min(BillLine.id))
    )
    found: dict[int, list[ItemSum]] = {}
    for bill_id, name, fen in rows:
        found.setdefault(bill_id, []).append(ItemSum(name, int(fen)))
    return found


def waiting(session: Session, community_ids: Collection[int]) -> list[RunRow]:
    """Bill runs of some communities that wait for a decision, the newest first."""
    return runs(session, community_ids, limit=WAITING, only=BillRunStatus.AWAITING_APPROVAL)


def runs(
    session: Session,
    community_ids: Collection[int],
    *,
    limit: int,
    only: BillRunStatus | None = None,
) -> list[RunRow]:
    """The newest bill runs of some communities, with the figures of their drafts."""
    drafted = (
        select(
            cast(func.coalesce(func.sum(BillRunChunk.bills), 0), BigInteger).label("bills"),
            cast(func.coalesce(func.sum(BillRunChunk.total_fen), 0), BigInteger).label("fen"),
        )
        .where(BillRunChunk.bill_run_id == BillRun.id)
        .lateral()
    )
    rows = session.execute(
        select(
            BillRun.id, Community.name, BillRun.period_start, BillRun.period_end,
            BillRun.status, drafted.c.bills, drafted.c.fen, BillRun.due_on,
            BillRun.supplements_id,
        )
        .join(Community, Community.id == BillRun.community_id)
        .join(drafted, true())
        .where(
            BillRun.community_id.in_(community_ids),
            BillRun.status == only if only is not None else true(),
        )
        .order_by(BillRun.period_start.desc(), BillRun.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [RunRow(*row) for row in rows]


def count_waiting(session: Session, community_ids: Collection[int]) -> int:
    """How many bill runs of some communities wait for a decision."""
    waiting = BillRun.status == BillRunStatus.AWAITING_APPROVAL
    found = select(func.count()).where(waiting, BillRun.community_id.in_(community_ids))
    return session.scalar(found) or 0


def count_overdue(session: Session, community_ids: Collection[int], *, on: date) -> int:
    """How many bills of some communities are past due, up to `COUNTED`."""
    late = select(Bill.id).where(
        Bill.status.in_(OWING), Bill.due_on < on, Bill.community_id.in_(community_ids)
    )
    return session.scalar(select(func.count()).select_from(late.limit(COUNTED).subquery())) or 0


def _oldest_first(session: Session, *where: ColumnElement[bool]) -> list[BillRow]:
    return _rows(session, _OLDEST_FIRST.where(*where))


def _rows(session: Session, asked: Executable, **known: int | None) -> list[BillRow]:
    return [BillRow(*row) for row in session.execute(asked, known)]
