"""面积 from a day on: a correction opens a new stretch of days and never restates a bill."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import Room, RoomArea

MOST = Decimal(1_000_000)
_HISTORY = (
    select(RoomArea)
    .where(RoomArea.room_id == bindparam("room_id"))
    .order_by(RoomArea.from_on.desc())
)


class AreaInvalid(Invalid):
    """An area nobody has, or an indoor area larger than the built one."""

    code = "area_invalid"


class AreaChanged(Conflict):
    """Somebody corrected the area since the form was opened, or at the same moment."""

    code = "area_changed"


@dataclass(frozen=True, slots=True)
class AreaFacts:
    """What was measured, and from which day on it counts."""

    from_on: date
    built_area: Decimal
    indoor_area: Decimal | None = None
    share_weight: Decimal = Decimal(1)


def history(session: Session, room_id: int) -> list[RoomArea]:
    """Every stretch of days, newest first."""
    return list(session.scalars(_HISTORY, {"room_id": room_id}))


def seen(held: Sequence[RoomArea]) -> str:
    """What a form was opened on, of the room's history; a correction since then changes it."""
    rows = [
        (row.from_on, row.to_on, row.built_area, row.indoor_area, row.share_weight) for row in held
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:24]


def correct(
    session: Session, room: Room, facts: AreaFacts, *, opened: str, by: Actor, at: datetime
) -> RoomArea:
    """From this day on the area is this, until the next one already entered begins.

    The same day again corrects that entry. Bills that were issued stay as they are.
    """
    _check(facts)
    session.refresh(room, with_for_update=True)
    rows = history(session, room.id)
    if seen(rows) != opened:
        raise AreaChanged("有人刚刚改过这套房屋的面积，请核对最新的内容后再改")
    same = [row for row in rows if row.from_on == facts.from_on]
    row = same[0] if same else RoomArea(room_id=room.id, from_on=facts.from_on)
    try:
        with session.begin_nested():
            if not same:
                row.to_on = _make_room(rows, facts.from_on)
                session.flush()  # the one before ends first: the two never overlap
            row.built_area, row.indoor_area = facts.built_area, facts.indoor_area
            row.share_weight = facts.share_weight
            session.add(row)
            session.flush()
    except IntegrityError as error:
        raise AreaChanged("这些天的面积刚被别人登记过，请刷新后再改") from error
    audit.record(
        session, "room.area", subject="room", subject_id=room.id, by=by, at=at,
        from_on=facts.from_on.isoformat(), built_area=str(facts.built_area),
    )  # fmt: skip
    return row


def _make_room(rows: list[RoomArea], on: date) -> date | None:
    """End the stretch that holds the day; where the new one ends."""
    held = [row for row in rows if row.from_on < on and (row.to_on is None or row.to_on > on)]
    later = [row.from_on for row in rows if row.from_on > on]
    end = held[0].to_on if held else min(later, default=None)
    for row in held:
        row.to_on = on
    return end


def _check(facts: AreaFacts) -> None:
    for value, name in ((facts.built_area, "建筑面积"), (facts.indoor_area, "套内面积")):
        if value is not None and (not 0 < value < MOST or value != round(value, 2)):
            raise AreaInvalid(f"{name}应大于 0，最多两位小数")
    if facts.indoor_area is not None and facts.indoor_area > facts.built_area:
        raise AreaInvalid("套内面积不能比建筑面积大，请核对")
    if not 0 <= facts.share_weight < MOST or facts.share_weight != round(facts.share_weight, 4):
        raise AreaInvalid("公摊权重应是不小于 0 的数，最多四位小数")
