"""What a new price would do, in figures: two books of one item drafted side by side, nothing written.

The old and the new price are each laid over one whole period, so that the difference is the price's
alone. Meters have not turned yet in a period to come: their items are tried on the last one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from domain.bills import price_book
from domain.bills.drafting.chunk import SETTINGS
from domain.bills.drafting.statement import Statement, trial
from domain.fees.calc.periods import Period, Span, add_months, nth_period
from domain.fees.model import FeeBasis, FeeItem
from domain.rooms.model import Building, Room, RoomKind

MOST_ROOMS = 5_000
"""More are not waited for: some buildings stand for all."""
MOVERS = 5
UNPRICED = (FeeBasis.SHARED, FeeBasis.ONE_OFF)
"""Bases whose amounts come from elsewhere; their prices only say which kinds take part."""
_PLACES = re.compile(r"\$([1-5])")

Price = Mapping[str, Any]
"""A tariff as a book tells it."""


@dataclass(frozen=True, slots=True)
class KindSum:
    """Rooms of one kind: how many are charged another amount, and what all come to."""

    kind: RoomKind
    rooms: int
    changed: int
    before_fen: int
    after_fen: int


@dataclass(frozen=True, slots=True)
class Mover:
    """A room whose amount changes much."""

    room_id: int
    code: str
    before_fen: int
    after_fen: int


@dataclass(frozen=True, slots=True)
class Trial:
    """The change in figures. `tried` of `rooms` rooms were computed; `failed` have a problem."""

    period: Period
    rooms: int
    tried: int
    buildings: int
    failed: int
    kinds: Sequence[KindSum]
    movers: Sequence[Mover]

    @property
    def changed(self) -> int:
        """Rooms that would pay another amount."""
        return sum(one.changed for one in self.kinds)

    @property
    def before_fen(self) -> int:
        """What they come to now."""
        return sum(one.before_fen for one in self.kinds)

    @property
    def after_fen(self) -> int:
        """What they would come to."""
        return sum(one.after_fen for one in self.kinds)

    @property
    def sampled(self) -> bool:
        """Whether some buildings stood for all."""
        return self.tried < self.rooms


def period_for(item: FeeItem, from_on: date, *, today: date) -> Period:
    """The first whole period under the new price; of a metered item the last one that is over."""
    anchor, cycle = item.cycle_anchor_on, item.cycle_months
    since = from_on if item.basis is not FeeBasis.METERED else today
    n = max(0, ((since.year - anchor.year) * 12 + since.month - anchor.month) // cycle - 1)
    if item.basis is FeeBasis.METERED:
        while n and nth_period(anchor, cycle, n).end > today:
            n -= 1
        while nth_period(anchor, cycle, n + 1).end <= today:
            n += 1
        return nth_period(anchor, cycle, n)
    while nth_period(anchor, cycle, n).start < from_on:
        n += 1
    return nth_period(anchor, cycle, n)


def of_price(
    session: Session,
    item: FeeItem,
    price: Price,
    *,
    from_on: date,
    today: date,
    most_rooms: int = MOST_ROOMS,
) -> Trial:
    """Lay the item's prices of that day, and those with the new one, over one whole period.

    `price` is told like a tariff of a book, its `kind` being the one it replaces.
    """
    period = period_for(item, from_on, today=today)
    now = price_book.told(session, item, Period(from_on, add_months(from_on, 1), ()))
    told = now | price_book.dated(item, period)
    held = [_stretched(t) for t in now["tariffs"] if t["from"] <= from_on.isoformat()]
    held = [t for t in held if t["until"] is None or t["until"] > from_on.isoformat()]
    after = [t for t in held if t["kind"] != price["kind"]] + [_stretched(price)]
    books = [
        told | {"tariffs": held},
        told | {"tariffs": after, "for_all": False},
    ]
    buildings, rooms = _sample(session, item.community_id, most_rooms)
    found = [_run(session, item.community_id, book, period, buildings) for book in books]
    return _summed(session, period, found, rooms, buildings)


def _stretched(tariff: Price) -> dict[str, Any]:
    """As if it had always held and always would."""
    return {**tariff, "until": tariff.get("to"), "from": "1900-01-01", "to": None}


def _sample(session: Session, community_id: int, most: int) -> tuple[list[tuple[int, int]], int]:
    """Buildings with their rooms, evenly picked where there are too many; and all rooms."""
    rows = session.execute(
        select(Building.id, func.count())
        .join(Room, Room.building_id == Building.id)
        .where(Building.community_id == community_id)
        .group_by(Building.id)
        .order_by(Building.id)
    ).all()
    everything = [(row[0], int(row[1])) for row in rows]
    rooms = sum(count for _, count in everything)
    step = max(1, -(-rooms // most))
    return everything[::step], rooms


def _run(
    session: Session,
    community_id: int,
    book: Mapping[str, Any],
    period: Period,
    buildings: Sequence[tuple[int, int]],
) -> dict[int, tuple[RoomKind, int, bool]]:
    """Room id -> kind, fen, failed: the drafting's own statement, reading only."""
    todo = trial(json.dumps({"items": [book]}), Span(period.start, period.end))
    found: dict[int, tuple[RoomKind, int, bool]] = {}
    nested = session.begin_nested()  # its settings end with it
    session.execute(text(SETTINGS))
    for building, _ in buildings:
        for room, kind, fen, failed in session.execute(*_call(todo, community_id, building)):
            found[room] = (RoomKind(kind), fen, failed)
    nested.rollback()
    return found


def _call(todo: Statement, community_id: int, building: int) -> tuple[Any, dict[str, Any]]:
    places = {"p1": 0, "p2": community_id, "p3": building, "p4": 0, "p5": 2**62}
    sql = _PLACES.sub(r"CAST(:p\1 AS bigint)", todo.sql)
    return text(sql), {**todo.values, **places}


def _summed(
    session: Session,
    period: Period,
    found: Sequence[dict[int, tuple[RoomKind, int, bool]]],
    rooms: int,
    buildings: Sequence[tuple[int, int]],
) -> Trial:
    before, after = found
    ids = sorted({*before, *after})
    pairs = {room: (before.get(room, (None, 0))[1], after.get(room, (None, 0))[1]) for room in ids}
    kinds = {room: (after.get(room) or before[room])[0] for room in ids}
    moved = sorted(
        (room for room in ids if pairs[room][0] != pairs[room][1]),
        key=lambda room: (-abs(pairs[room][1] - pairs[room][0]), room),
    )[:MOVERS]
    codes = {
        row.id: row.code
        for row in session.execute(select(Room.id, Room.code).where(Room.id.in_(moved)))
    }
    return Trial(
        period=period, rooms=rooms, tried=sum(count for _, count in buildings),
        buildings=len(buildings), failed=sum(one[2] for one in after.values()),
        kinds=[_of_kind(kind, pairs, kinds) for kind in RoomKind if kind in kinds.values()],
        movers=[Mover(room, codes[room], *pairs[room]) for room in moved],
    )  # fmt: skip


def _of_kind(
    kind: RoomKind, pairs: Mapping[int, tuple[int, int]], kinds: Mapping[int, RoomKind]
) -> KindSum:
    mine = [pairs[room] for room, of in kinds.items() if of is kind]
    changed = sum(before != after for before, after in mine)
    return KindSum(
        kind, len(mine), changed, sum(one[0] for one in mine), sum(one[1] for one in mine)
    )
