"""公摊 at the desk: how a cost would split, which costs an item has, and taking one back unbilled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.bills import price_book, shares
from domain.errors import Conflict, NotFound
from domain.fees import costs
from domain.fees.calc.periods import Period, Span
from domain.fees.model import FeeItem, SharedCost
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import Building, Room

SHOWN = 36
"""Three years of a monthly cost."""
LARGEST = 5


class CostNotFound(NotFound):
    """No such cost of this item."""

    code = "shared_cost_not_found"


class CostBilled(Conflict):
    """A bill run has split the cost already."""

    code = "shared_cost_billed"


@dataclass(frozen=True, slots=True)
class CostFacts:
    """A cost as a form says it; `end` is the first day that is no longer in it."""

    total_fen: int
    start: date
    end: date
    total_quantity: Decimal | None = None
    building: str | None = None
    entrance: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A cost laid over its rooms: (room, fen) of the largest parts, (building, rooms, fen) of all.

    `weightless` rooms have no area and pay nothing until they get one; `rooms` share.
    """

    rooms: int
    weightless: int
    least_fen: int
    most_fen: int
    buildings: Sequence[tuple[str, int, int]]
    largest: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class CostRow:
    """A cost with its scope in words, and the run that split it."""

    cost: SharedCost
    scope: str
    run_id: int | None


def enter(
    session: Session, item: FeeItem, facts: CostFacts, *, by: Actor, at: datetime
) -> tuple[SharedCost, bool]:
    """Enter the cost, and whether it is new: the same again, as by a second click, is the one there."""
    try:
        return add(session, item, facts, by=by, at=at), True
    except costs.CostExists:
        there = costs.find(
            session, item, start=facts.start, building=facts.building, entrance=facts.entrance
        )
        told = (facts.end, facts.total_fen, facts.total_quantity)
        if (there.period_end, there.total_fen, there.total_quantity) != told:
            raise
        return there, False


def add(
    session: Session, item: FeeItem, facts: CostFacts, *, by: Actor, at: datetime
) -> SharedCost:
    """Enter the cost; CostExists for the same scope and first day again."""
    row = _add(session, item, facts)
    audit.record(
        session, "fee.share", subject="fee_item", subject_id=item.id, by=by, at=at,
        cost=row.id, total_fen=row.total_fen, start=row.period_start.isoformat(),
        end=row.period_end.isoformat(),
    )  # fmt: skip
    return row


def try_out(session: Session, item: FeeItem, facts: CostFacts) -> Split:
    """How the cost would split today, with every refusal that entering it would meet."""
    attempt = session.begin_nested()
    try:
        cost = _add(session, item, facts)
        period = Period(facts.start, facts.end, (Span(facts.start, facts.end),))
        kinds = price_book.kinds(price_book.told(session, item, period))
        rows = shares.split(session, item, [cost.id], kinds=kinds)
    finally:
        attempt.rollback()
    return _summed(session, rows)


def of_item(session: Session, item: FeeItem) -> list[CostRow]:
    """The item's costs, newest first, with the runs that split them."""
    rows = session.execute(
        select(SharedCost, Building.name)
        .outerjoin(Building, Building.id == SharedCost.building_id)
        .where(SharedCost.fee_item_id == item.id)
        .order_by(SharedCost.period_start.desc(), SharedCost.id.desc())
        .limit(SHOWN)
    ).all()
    since = min((cost.period_start for cost, _ in rows), default=None)
    taken = shares.taken_by(session, item.community_id, since=since) if since else {}
    return [CostRow(cost, scope(cost, name), taken.get(cost.id)) for cost, name in rows]


def scope(cost: SharedCost, building: str | None) -> str:
    """`全小区`, `5栋`, `5栋 1单元`."""
    if building is None:
        return "全小区"
    return f"{building} {cost.entrance}单元" if cost.entrance else building


def find(session: Session, item: FeeItem, cost_id: int) -> CostRow:
    """One cost of the item."""
    cost = session.get(SharedCost, cost_id, populate_existing=True)
    if cost is None or cost.fee_item_id != item.id:
        raise CostNotFound("没有找到这笔公摊，可能刚被撤回，请刷新页面")
    taken = shares.taken_by(session, item.community_id, since=cost.period_start)
    building = session.get(Building, cost.building_id) if cost.building_id else None
    return CostRow(cost, scope(cost, building.name if building else None), taken.get(cost.id))


def billed(run_id: int) -> str:
    """Why a cost that a run has split stays."""
    return f"这笔公摊已经进了第 {run_id} 批账单，不能撤回；要改先驳回或红冲那一批。"


def take_back(
    session: Session, item: FeeItem, cost_id: int, *, by: Actor, at: datetime, note: str
) -> None:
    """Forget a cost that no run has split. A run that is being opened is waited for, and counts."""
    locks.hold(session, costs.lock_of(item))
    found = find(session, item, cost_id)
    if found.run_id is not None:
        raise CostBilled(billed(found.run_id))
    row = found.cost
    audit.record(
        session, "fee.unshare", subject="fee_item", subject_id=item.id, by=by, at=at,
        cost=row.id, total_fen=row.total_fen, start=row.period_start.isoformat(), note=note,
    )  # fmt: skip
    session.delete(row)
    session.flush()


def _add(session: Session, item: FeeItem, facts: CostFacts) -> SharedCost:
    return costs.add(
        session, item, facts.total_fen, start=facts.start, end=facts.end,
        total_quantity=facts.total_quantity, building=facts.building, entrance=facts.entrance,
    )  # fmt: skip


def _summed(session: Session, rows: Sequence[shares.Part]) -> Split:
    parts = [(row.room_id, row.building_id, int(row.fen))
             for row in rows if row.weight and row.fen is not None]  # fmt: skip
    found: dict[int, list[int]] = {}
    for _, building, fen in parts:
        found.setdefault(building, []).append(fen)
    names = _names(session, found)
    most = sorted(parts, key=lambda part: -part[2])[:LARGEST]
    codes = {
        row.id: row.code
        for row in session.execute(select(Room.id, Room.code).where(Room.id.in_([p[0] for p in most])))
    }  # fmt: skip
    return Split(
        rooms=len(parts), weightless=sum(row.weight is None for row in rows),
        least_fen=min((fen for *_, fen in parts), default=0),
        most_fen=max((fen for *_, fen in parts), default=0),
        buildings=[(names[key], len(fens), sum(fens)) for key, fens in found.items()],
        largest=[(codes[room], fen) for room, _, fen in most],
    )  # fmt: skip


def _names(session: Session, buildings: Mapping[int, object]) -> dict[int, str]:
    rows = session.execute(select(Building.id, Building.name).where(Building.id.in_(buildings)))
    return {row.id: row.name for row in rows}
