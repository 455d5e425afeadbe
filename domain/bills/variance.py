"""What a manager wants to know before approving: this run beside the month that was issued last.

A supplement (补账) is compared with what its own rooms came to, not with a whole community.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, func, select
from sqlalchemy.orm import Session, aliased

from domain.bills import queries
from domain.bills.model import (
    Bill,
    BillLine,
    BillRun,
    BillRunChunk,
    BillRunProblem,
    BillRunStatus,
    BillStatus,
)
from domain.bills.problems import PAYER_MISSING
from domain.fees.model import FeeItem
from domain.rooms.model import ROOM_KIND_NAMES, Room, RoomKind

NAMED = 50
MOVERS = 20
COUNTS = Bill.status.not_in([BillStatus.DISCARDED, BillStatus.REVERSED])
Group = dict[str, Any]
Bills = ColumnElement[bool]
"""Which bills are meant."""


def summarize(session: Session, run: BillRun) -> dict[str, Any]:
    """The run in figures, plain JSON: totals, the last issued run, items by kind of room, the rooms
    that changed most, zero bills, problems, rooms without a payer. `anomalies` counts the last three,
    each bill without a payer once.

    Everything is a handful of set-based questions, whatever the size of the community.
    """
    bills, total_fen = queries.totals(session, run.id)
    month, last = _last(session, run)
    by_item = _by_item(session, run.id, last)
    zero = _rooms_of(session, run.id, Bill.total_fen == 0)
    unpaid = _rooms_of(session, run.id, Bill.payer_id.is_(None))
    problems = _problems(session, run.id)
    return {
        "bills": bills, "total_fen": total_fen, "lines": sum(row["lines"] for row in by_item),
        "rooms": _rooms(session, run.id), "last": _figures(session, month, last), "by_item": by_item,
        "movers": _movers(session, run.id, last) if month else [],
        "zero_bills": zero, "problems": problems, "no_payer": unpaid,
        "anomalies": _anomalies(problems, zero, unpaid),
    }  # fmt: skip


def _anomalies(problems: Sequence[Group], zero: Group, unpaid: Group) -> int:
    others = [problem for problem in problems if problem["code"] != PAYER_MISSING]
    return sum(group["count"] for group in [*others, zero, unpaid])


def _last(session: Session, run: BillRun) -> tuple[date | None, Bills]:
    """The community's latest issued earlier month, if any, and its bills that this run compares with."""
    issued = (
        BillRun.community_id == run.community_id,
        BillRun.period_start < run.period_start,
        BillRun.status == BillRunStatus.ISSUED,
    )
    month = session.scalar(select(func.max(BillRun.period_start)).where(*issued))
    ids = session.scalars(select(BillRun.id).where(*issued, BillRun.period_start == month)).all()
    before: Bills = Bill.bill_run_id.in_(ids)
    if run.supplements_id is not None:
        now = aliased(Bill)
        before &= Bill.room_id.in_(select(now.room_id).where(now.bill_run_id == run.id))
    return month, before


def _figures(session: Session, month: date | None, before: Bills) -> Group | None:
    if month is None:
        return None
    found = select(func.count(), func.coalesce(func.sum(Bill.total_fen), 0)).where(before, COUNTS)
    bills, total_fen = session.execute(found).one()
    return {"month": f"{month:%Y-%m}", "total_fen": int(total_fen), "bills": int(bills)}


def _rooms(session: Session, run_id: int) -> int:
    """How many rooms the run looked at."""
    total = select(func.sum(BillRunChunk.rooms)).where(BillRunChunk.bill_run_id == run_id)
    return int(session.scalar(total) or 0)


def _by_item(session: Session, run_id: int, last: Bills) -> list[Group]:
    """Per fee item and kind of room: lines and sums, this time and last time."""
    now, before = _item_sums(session, Bill.bill_run_id == run_id), _item_sums(session, last)
    return [
        {
            "item": item, "kind": ROOM_KIND_NAMES[kind], "lines": now.get((item, kind), (0, 0))[0],
            "total_fen": now.get((item, kind), (0, 0))[1],
            "last_fen": before.get((item, kind), (0, 0))[1],
        }
        for item, kind in dict.fromkeys([*now, *before])
    ]  # fmt: skip


def _item_sums(session: Session, bills: Bills) -> dict[tuple[str, RoomKind], tuple[int, int]]:
    rows = session.execute(
        select(FeeItem.name, Room.kind, func.count(), func.sum(BillLine.amount_fen))
        .select_from(Bill)
        .join(BillLine, (BillLine.bill_id == Bill.id) & BillLine.live)
        .join(Room, Room.id == Bill.room_id)
        .join(FeeItem, FeeItem.id == BillLine.fee_item_id)
        .where(bills, COUNTS)
        .group_by(FeeItem.id, Room.kind)
        .order_by(FeeItem.id, Room.kind)
    )
    return {(name, kind): (int(lines), int(fen)) for name, kind, lines, fen in rows}


def _movers(session: Session, run_id: int, last: Bills) -> list[Group]:
    """Rooms whose sum changed most, whichever way."""
    now, before = _room_sums(Bill.bill_run_id == run_id).subquery(), _room_sums(last).subquery()
    fen, last_fen = func.coalesce(now.c.fen, 0), func.coalesce(before.c.fen, 0)
    change = (fen - last_fen).label("change")
    both: Subquery = (
        select(
            func.coalesce(now.c.room_id, before.c.room_id).label("room_id"),
            fen.label("fen"), last_fen.label("last_fen"), change,
        )
        .select_from(now.outerjoin(before, before.c.room_id == now.c.room_id, full=True))
        .where(change != 0)
        .order_by(func.abs(change).desc(), "room_id")
        .limit(MOVERS)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(Room.code, both.c.fen, both.c.last_fen, both.c.change)
        .join(Room, Room.id == both.c.room_id)
        .order_by(func.abs(both.c.change).desc(), both.c.room_id)
    )
    return [
        {"room": code, "total_fen": int(a), "last_fen": int(b), "change_fen": int(change)}
        for code, a, b, change in rows
    ]


def _room_sums(bills: Bills) -> Select[tuple[int, Any]]:
    return (
        select(Bill.room_id, func.sum(Bill.total_fen).label("fen"))
        .where(bills, COUNTS)
        .group_by(Bill.room_id)
    )


def _rooms_of(session: Session, run_id: int, condition: ColumnElement[bool]) -> Group:
    """How many bills are like this, and the first rooms."""
    mine = (Bill.bill_run_id == run_id, COUNTS, condition)
    count = session.scalar(select(func.count()).select_from(Bill).where(*mine))
    named = (
        select(Room.code)
        .join(Bill, Bill.room_id == Room.id)
        .where(*mine)
        .order_by(Bill.room_id, Bill.id)
        .limit(NAMED)
    )
    return {"count": int(count or 0), "rooms": list(session.scalars(named))}


def _problems(session: Session, run_id: int) -> list[Group]:
    """Problems by code, the most frequent first."""
    place = func.row_number().over(
        partition_by=BillRunProblem.code, order_by=(BillRunProblem.room_id, BillRunProblem.id)
    )
    found = (
        select(BillRunProblem.code, BillRunProblem.message, Room.code.label("room"),
               place.label("place"))
        .join(Room, Room.id == BillRunProblem.room_id)
        .where(BillRunProblem.bill_run_id == run_id)
        .subquery()
    )  # fmt: skip
    first = func.array_agg(found.c.room).filter(found.c.place <= NAMED)
    rows: Sequence[Any] = session.execute(
        select(found.c.code, func.min(found.c.message), func.count(), first)
        .group_by(found.c.code)
        .order_by(func.count().desc(), found.c.code)
    ).all()
    return [
        {"code": code, "message": message, "count": count, "rooms": list(dict.fromkeys(rooms))}
        for code, message, count, rooms in rows
    ]
