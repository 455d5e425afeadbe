"""A room added and corrected at the desk. What was billed keeps the area it was billed with."""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms import areas
from domain.rooms.areas import AreaFacts
from domain.rooms.model import Building, Room, RoomKind
from domain.rooms.queries import RoomNotFound

EARLIEST = date(1950, 1, 1)


class RoomExists(Conflict):
    """The community has a room with this code."""

    code = "room_exists"


class RoomChanged(Conflict):
    """Somebody changed the room since the form was opened."""

    code = "room_changed"


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """Where the room is in its building, what it is, and when it was handed over."""

    entrance: str | None
    door: str
    kind: RoomKind
    handover_on: date | None = None

    def code(self, building: Building) -> str:
        """`5-1-101`, or `5-101` without an entrance."""
        return "-".join(filter(None, (building.code, self.entrance, self.door)))


def find(session: Session, room_id: int) -> Room:
    """The room, or RoomNotFound."""
    found = session.get(Room, room_id)
    if found is None:
        raise RoomNotFound("没有找到这套房屋")
    return found


def seen(room: Room) -> str:
    """What a form was opened on; an edit since then changes it."""
    values = (room.entrance, room.door, room.kind.value, room.handover_on)
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def create(
    session: Session,
    building: Building,
    facts: RoomFacts,
    area: AreaFacts | None,
    *,
    by: Actor,
    at: datetime,
) -> Room:
    """A new room, with its area from a day on if one is known."""
    _check(facts)
    room = Room(
        community_id=building.community_id, building_id=building.id, entrance=facts.entrance,
        door=facts.door, code=facts.code(building), kind=facts.kind, handover_on=facts.handover_on,
    )  # fmt: skip
    _save(session, room)
    audit.record(
        session, "room.create", subject="room", subject_id=room.id, by=by, at=at,
        code=room.code, kind=room.kind.value,
    )  # fmt: skip
    if area is not None:
        areas.correct(session, room, area, opened=areas.seen([]), by=by, at=at)
    return room


def edit(
    session: Session, room: Room, facts: RoomFacts, *, opened: str, by: Actor, at: datetime
) -> Room:
    """Correct a room; refused when somebody else did since the form was opened."""
    _check(facts)
    session.refresh(room, with_for_update=True)
    if seen(room) != opened:
        raise RoomChanged("有人刚刚改过这套房屋，请核对最新的内容后再改")
    building = session.get_one(Building, room.building_id)
    now = {
        "entrance": facts.entrance, "door": facts.door, "kind": facts.kind,
        "handover_on": facts.handover_on, "code": facts.code(building),
    }  # fmt: skip
    changed = [name for name, value in now.items() if getattr(room, name) != value]
    for name in changed:
        setattr(room, name, now[name])
    _save(session, room)
    if changed:
        audit.record(
            session, "room.edit", subject="room", subject_id=room.id, by=by, at=at, fields=changed
        )
    return room


def same_code(session: Session, community_id: int, code: str) -> int | None:
    """The id of the community's room with this code."""
    return session.scalar(
        select(Room.id).where(Room.community_id == community_id, Room.code == code)
    )


def as_area(
    built: Decimal | None, indoor: Decimal | None, from_on: date | None
) -> AreaFacts | None:
    """The area of a new room; nothing where no built area was given."""
    if built is None:
        if indoor is not None:
            raise Invalid("填了套内面积，请同时填写建筑面积")
        return None
    if from_on is None:
        raise Invalid("请填写面积从哪天起")
    return AreaFacts(from_on, built, indoor)


def _check(facts: RoomFacts) -> None:
    if facts.handover_on is not None and facts.handover_on < EARLIEST:
        raise Invalid("交付日期不对，请核对")


def _save(session: Session, room: Room) -> None:
    try:
        with session.begin_nested():
            session.add(room)
            session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if name != "uq_room_community_id_code":
            raise
        raise RoomExists("这个小区已经有这个房号，请核对楼栋、单元和房号") from error
