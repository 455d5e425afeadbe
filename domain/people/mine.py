"""What a person may see of what we hold about them: their own page."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Room, RoomArea, RoomKind


@dataclass(frozen=True, slots=True)
class MyRoom:
    """A room a person is in today: since when, as what, and its area as it counts today."""

    code: str
    kind: RoomKind
    role: OccupancyRole
    is_payer: bool
    from_on: date
    area: Decimal | None


@dataclass(frozen=True, slots=True)
class Mine:
    """A person's own data: numbers stay masked even here, since a phone may be in other hands."""

    phone_masked: str | None
    id_number_masked: str | None
    rooms: list[MyRoom]


def mine(session: Session, person_id: int, *, on: date) -> Mine:
    """What we hold about a person on a day."""
    person = session.get_one(Person, person_id)
    rows = session.execute(
        select(
            Room.code, Room.kind, Occupancy.role, Occupancy.is_payer, Occupancy.from_on,
            RoomArea.built_area,
        )
        .join(Occupancy, Occupancy.room_id == Room.id)
        .outerjoin(
            RoomArea,
            (RoomArea.room_id == Room.id)
            & (RoomArea.from_on <= on)
            & (RoomArea.to_on.is_(None) | (RoomArea.to_on > on)),
        )
        .where(
            Occupancy.person_id == person_id,
            Occupancy.from_on <= on,
            Occupancy.to_on.is_(None) | (Occupancy.to_on > on),
        )
        .order_by(Room.code, Occupancy.id)
    )  # fmt: skip
    rooms = [MyRoom(*row) for row in rows]
    return Mine(person.phone_masked, person.id_number_masked, rooms)
