"""What is stored about a community's rooms and people, loaded once for a whole workbook."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Building, Room, RoomArea, RoomKind


@dataclass(slots=True)
class KnownPerson:
    """A person as far as matching needs: the blind indexes, not the values."""

    id: int
    name: str
    phone_blind: bytes | None = None
    id_number_blind: bytes | None = None
    phone_row: int | None = None  # the row of this sheet that named the phone


@dataclass(slots=True)
class Living:
    """An occupancy that holds: `id` is the occupancy's."""

    id: int
    person: KnownPerson
    share: Decimal | None = None
    relation: str | None = None


@dataclass(slots=True)
class KnownArea:
    """The area that holds today, or the first one to come."""

    id: int
    from_on: date
    to_on: date | None
    built: Decimal
    indoor: Decimal | None
    weight: Decimal


@dataclass(slots=True)
class KnownRoom:
    """A room as it stands. `free_from`: when its last earlier owner or payer left; `unmeasured_from`:
    when its last earlier area ended.
    """

    id: int
    kind: RoomKind
    handover_on: date | None
    area: KnownArea | None = None
    owners: list[Living] = field(default_factory=list)
    family: dict[str, Living] = field(default_factory=dict)
    has_payer: bool = False
    free_from: date | None = None
    unmeasured_from: date | None = None
    first_on: date | None = None


@dataclass(slots=True)
class Known:
    """Everything by the keys a sheet uses; grows while a sheet is planned."""

    buildings: dict[str, int] = field(default_factory=dict)
    rooms: dict[str, KnownRoom] = field(default_factory=dict)
    by_id_number: dict[bytes, KnownPerson] = field(default_factory=dict)
    by_name_and_phone: dict[tuple[str, bytes], KnownPerson] = field(default_factory=dict)

    def add_person(self, person: KnownPerson) -> None:
        """Make a person findable."""
        if person.id_number_blind:
            self.by_id_number[person.id_number_blind] = person
        if person.phone_blind:
            self.by_name_and_phone.setdefault((person.name, person.phone_blind), person)


def load(session: Session, community_id: int, *, on: date) -> Known:
    """Six queries, whatever the size of the workbook."""
    known = Known(buildings=_buildings(session, community_id))
    people = _people(session, community_id)
    for person in people.values():
        known.add_person(person)
    by_id: dict[int, KnownRoom] = {}
    for room_id, code, kind, handover_on in session.execute(
        select(Room.id, Room.code, Room.kind, Room.handover_on).where(
            Room.community_id == community_id
        )
    ):
        by_id[room_id] = known.rooms[code] = KnownRoom(room_id, kind, handover_on)
    for row in _areas(session, community_id):
        room = by_id[row.room_id]
        if row.to_on is not None and row.to_on <= on:
            room.unmeasured_from = row.to_on
        elif room.area is None:
            room.area = KnownArea(*row[1:])
    _settle(by_id, people, _occupancies(session, community_id, on=on), on=on)
    for room_id, left_on in _left(session, community_id, on=on):
        by_id[room_id].free_from = left_on
    return known


def _settle(
    rooms: dict[int, KnownRoom],
    people: dict[int, KnownPerson],
    occupancies: Iterable[Any],
    *,
    on: date,
) -> None:
    """Who is where: on the day, or, where the first owner is still to come, on his first day."""
    for row in occupancies:
        room, living = rooms[row.room_id], Living(row.id, people[row.person_id])
        living.share, living.relation = row.share, row.relation
        room.has_payer = room.has_payer or row.is_payer
        if row.role is OccupancyRole.FAMILY:
            room.family.setdefault(living.person.name, living)
        elif row.role is OccupancyRole.OWNER:
            room.first_on = room.first_on or max(on, row.from_on)
            if row.from_on <= room.first_on:
                room.owners.append(living)


def _buildings(session: Session, community_id: int) -> dict[str, int]:
    rows = session.execute(
        select(Building.code, Building.id).where(Building.community_id == community_id)
    )
    return {row.code: row.id for row in rows}


def _people(session: Session, community_id: int) -> dict[int, KnownPerson]:
    rows = session.execute(
        select(Person.id, Person.name, Person.phone_blind, Person.id_number_blind).where(
            Person.community_id == community_id
        )
    )
    return {
        row.id: KnownPerson(row.id, row.name, _bytes(row.phone_blind), _bytes(row.id_number_blind))
        for row in rows
    }


def _areas(session: Session, community_id: int) -> Iterable[Any]:
    return session.execute(
        select(
            RoomArea.room_id, RoomArea.id, RoomArea.from_on, RoomArea.to_on,
            RoomArea.built_area, RoomArea.indoor_area, RoomArea.share_weight,
        )
        .join(Room, Room.id == RoomArea.room_id)
        .where(Room.community_id == community_id)
        .order_by(RoomArea.from_on)
    )  # fmt: skip


def _occupancies(session: Session, community_id: int, *, on: date) -> Iterable[Any]:
    return session.execute(
        select(
            Occupancy.id, Occupancy.room_id, Occupancy.person_id, Occupancy.role,
            Occupancy.share, Occupancy.relation, Occupancy.is_payer, Occupancy.from_on,
        )
        .join(Room, Room.id == Occupancy.room_id)
        .where(
            Room.community_id == community_id,
            or_(Occupancy.to_on.is_(None), Occupancy.to_on > on),
        )
        .order_by(Occupancy.from_on, Occupancy.id)
    )  # fmt: skip


def _left(session: Session, community_id: int, *, on: date) -> Iterable[Any]:
    return session.execute(
        select(Occupancy.room_id, func.max(Occupancy.to_on))
        .join(Room, Room.id == Occupancy.room_id)
        .where(
            Room.community_id == community_id,
            Occupancy.to_on <= on,
            or_(Occupancy.role == OccupancyRole.OWNER, Occupancy.is_payer),
        )
        .group_by(Occupancy.room_id)
    )


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return bytes(value) if value is not None else None
