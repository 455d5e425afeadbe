"""The list of rooms: those of the communities and buildings a colleague may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.company.model import Community
from domain.finding import Question, found_once
from domain.listing import Listed, Wanted
from domain.rooms.model import Building, Room, RoomArea, RoomKind, RoomVacancy

SORTS = {
    "code": (Room.community_id, Room.code),
    "kind": (Room.kind, Room.community_id, Room.code),
    "handover": (Room.handover_on, Room.community_id, Room.code),
}
BUILDINGS_OFFERED = 500
# Put together once: that takes longer than asking.
_OFFERED = (
    select(Building.id, Community.name, Building.name)
    .join(Community, Community.id == Building.community_id)
    .order_by(Community.name, func.length(Building.code), Building.code)
    .limit(BUILDINGS_OFFERED)
)
_ROOMS = (
    select(Room.id, Room.code, Room.kind, Building.name, Community.name, Room.handover_on)
    .outerjoin(Building, Building.id == Room.building_id)
    .outerjoin(Community, Community.id == Room.community_id)
)


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room in the list; the area is today's."""

    id: int
    code: str
    kind: RoomKind
    building_name: str
    community_name: str
    handover_on: date | None
    built_area: Decimal | None
    vacant: bool


@dataclass(frozen=True, slots=True)
class BuildingRow:
    """A building with its rooms counted; `whole` of the community it stands in."""

    id: int
    community_id: int
    community_name: str
    code: str
    name: str
    rooms: int


def rooms(
    session: Session, access: Access, wanted: Wanted, *, code: str | None, on: date
) -> Listed[RoomRow]:
    """One page; `code` is the room code the words may mean."""
    found = _asked(access, wanted, code, on).page(session, wanted)
    rows = [RoomRow(*row) for row in found.rows]
    return Listed(rows, found.count, found.many, found.page, found.size)


def everything(
    session: Session, access: Access, wanted: Wanted, *, code: str | None, on: date
) -> Sequence[RoomRow]:
    """The same rooms unpaged, for an export."""
    every = _asked(access, wanted, code, on).everything(session, wanted)
    return [RoomRow(*row) for row in every]


def buildings(
    session: Session, access: Access, permission: str = "rooms.see"
) -> Sequence[tuple[int, str, str]]:
    """(id, community, building) where they may do this, for a choice."""
    here = access.where(permission, Building.community_id, Building.id)
    rows = session.execute(_OFFERED.where(here))
    return [(row[0], row[1], row[2]) for row in rows]


def counted(session: Session, access: Access) -> list[BuildingRow]:
    """Every building they may see, with the number of its rooms."""
    count = select(func.count()).where(Room.building_id == Building.id).scalar_subquery()
    rows = session.execute(
        select(
            Building.id, Community.id, Community.name, Building.code, Building.name, count
        )
        .join(Community, Community.id == Building.community_id)
        .where(access.where("rooms.see", Building.community_id, Building.id))
        .order_by(Community.name, func.length(Building.code), Building.code)
    )  # fmt: skip
    return [BuildingRow(*row) for row in rows]


def holds(row: Any, on: date) -> ColumnElement[bool]:
    """Whether a dated row holds on a day."""
    held: ColumnElement[bool] = (row.from_on <= on) & (row.to_on.is_(None) | (row.to_on > on))
    return held


def _asked(access: Access, wanted: Wanted, code: str | None, on: date) -> Question:
    area = (
        select(RoomArea.built_area)
        .where(RoomArea.room_id == Room.id, holds(RoomArea, on))
        .scalar_subquery()
    )
    vacant = exists().where(RoomVacancy.room_id == Room.id, holds(RoomVacancy, on))
    where = [access.where("rooms.see", Room.community_id, Room.building_id)]
    if wanted.words:
        begins = Room.code.startswith(wanted.words, autoescape=True)
        where.append(begins | (Room.door == wanted.words) | (Room.code == code))
    if community := wanted.filter("community"):
        where.append(Room.community_id == int(community))
    if building := wanted.filter("building"):
        where.append(Room.building_id == int(building))
    if kind := wanted.filter("kind"):
        where.append(Room.kind == RoomKind(kind))
    if state := wanted.filter("vacant"):
        where.append(vacant if state == "yes" else ~vacant)
    rows = _ROOMS.add_columns(area, vacant)
    if building:  # its rooms are few: in an order of all rooms, all would be walked for them
        return found_once(rows, where, SORTS, Room.id)
    return Question(rows.where(*where), SORTS, Room.id.expression)
