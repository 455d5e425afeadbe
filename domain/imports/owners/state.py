"""What is stored about a community's rooms and people, loaded once for a whole workbook."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Building, Room, RoomArea, RoomKind


@dataclass(slots=True)
class KnownPerson:
    """A person as far as matching needs: the blind indexes, not the values."""

    id: int
    name: str
    phone_blind: bytes | None
    id_number_blind: bytes | None


@dataclass(slots=True)
class KnownRoom:
    """A room with its area and occupants of today."""

    id: int
    kind: RoomKind
    handover_on: date | None
    area_id: int | None = None
    area_from: date | None = None
    built: Decimal | None = None
    indoor: Decimal | None = None
    owners: list[KnownPerson] = field(default_factory=list)
    family: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Known:
    """Everything by the keys a sheet uses; grows while a sheet is planned."""

    buildings: dict[str, int]
    rooms: dict[str, KnownRoom]
    by_id_number: dict[bytes, KnownPerson]
    by_name_and_phone: dict[tuple[str, bytes], KnownPerson]

    def add_person(self, person: KnownPerson) -> None:
        """Make a person findable."""
        if person.id_number_blind:
            self.by_id_number[person.id_number_blind] = person
        if person.phone_blind:
            self.by_name_and_phone.setdefault((person.name, person.phone_blind), person)


def load(session: Session, community_id: int, *, on: date) -> Known:
    """Four queries, whatever the size of the workbook."""
    known = Known(
        buildings={
            code: building_id
            for code, building_id in session.execute(
                select(Building.code, Building.id).where(Building.community_id == community_id)
            )
        },
        rooms={},
        by_id_number={},
        by_name_and_phone={},
    )
    people = _people(session, community_id)
    for person in people.values():
        known.add_person(person)
    rooms = _rooms(session, community_id, on=on)
    known.rooms = {code: room for code, room in rooms.values()}
    by_room: dict[int, KnownRoom] = {room_id: room for room_id, (_, room) in rooms.items()}
    for room_id, person_id, role in _occupancies(session, community_id, on=on):
        if role is OccupancyRole.OWNER:
            by_room[room_id].owners.append(people[person_id])
        elif role is OccupancyRole.FAMILY:
            by_room[room_id].family.add(people[person_id].name)
    return known


def _people(session: Session, community_id: int) -> dict[int, KnownPerson]:
    rows = session.execute(
        select(Person.id, Person.name, Person.phone_blind, Person.id_number_blind).where(
            Person.community_id == community_id
        )
    )
    return {
        row.id: KnownPerson(
            row.id, row.name, _bytes(row.phone_blind), _bytes(row.id_number_blind)
        )
        for row in rows
    }


def _rooms(session: Session, community_id: int, *, on: date) -> dict[int, tuple[str, KnownRoom]]:
    rows = session.execute(
        select(
            Room.id, Room.code, Room.kind, Room.handover_on,
            RoomArea.id, RoomArea.from_on, RoomArea.built_area, RoomArea.indoor_area,
        )
        .outerjoin(
            RoomArea,
            (RoomArea.room_id == Room.id) & or_(RoomArea.to_on.is_(None), RoomArea.to_on > on),
        )
        .where(Room.community_id == community_id)
        .order_by(Room.id, RoomArea.from_on)
    )  # fmt: skip
    return {row[0]: (row[1], KnownRoom(row[0], *row[2:])) for row in rows}


def _occupancies(
    session: Session, community_id: int, *, on: date
) -> list[tuple[int, int, OccupancyRole]]:
    rows = session.execute(
        select(Occupancy.room_id, Occupancy.person_id, Occupancy.role)
        .join(Room, Room.id == Occupancy.room_id)
        .where(
            Room.community_id == community_id,
            or_(Occupancy.to_on.is_(None), Occupancy.to_on > on),
        )
        .order_by(Occupancy.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    return bytes(value) if value is not None else None
