"""What stands beside a name in the list: rooms of today, WeCom, what is owed; asked with the name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, cast, func, null, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from domain.access.access import Access
from domain.bills.model import Bill
from domain.bills.queries import OWING
from domain.people.model import Occupancy, OccupancyRole, Person, PersonKind
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from domain.people.standing import REACHED
from domain.rooms.model import Room


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in a list. `owed_fen` is None where the colleague may not see amounts."""

    id: int
    name: str
    kind: PersonKind
    community_name: str
    phone_masked: str | None
    rooms: str
    roles: str
    bound: bool
    owed_fen: int | None


def beside(access: Access, on: date) -> Sequence[ColumnElement[Any]]:
    """Columns of a query over persons: (room code, role) of today, whether reached, fen owed.

    Subqueries of a row, which the database answers for the rows of one page only.
    """
    return _living(access, on), REACHED, _owed(access)


def dressed(row: Any) -> PersonRow:
    """(id, name, kind, community, phone) and what is `beside` them."""
    one, name, kind, community, phone, living, bound, owed_fen = row
    codes = dict.fromkeys(code for code, _ in living or ())
    roles = dict.fromkeys(OCCUPANCY_ROLE_NAMES[OccupancyRole(role)] for _, role in living or ())
    said = ("、".join(codes), "、".join(roles))
    return PersonRow(one, name, kind, community, phone, *said, bound, owed_fen)


def _living(access: Access, on: date) -> ColumnElement[Any]:
    """The rooms the person is in today with their role there, the one they pay for first."""
    each = func.jsonb_build_array(Room.code, Occupancy.role)
    order = (Occupancy.is_payer.desc(), Occupancy.id)
    return (
        select(func.jsonb_agg(aggregate_order_by(each, *order), type_=JSONB))
        .select_from(Occupancy)
        .join(Room, Room.id == Occupancy.room_id)
        .where(
            Occupancy.person_id == Person.id,
            Occupancy.from_on <= on,
            Occupancy.to_on.is_(None) | (Occupancy.to_on > on),
            access.where("people.see", Room.community_id, Room.building_id),
        )
        .scalar_subquery()
    )


def _owed(access: Access) -> ColumnElement[Any]:
    """What they owe where the colleague may see amounts; NULL where nothing."""
    if "bills.see" not in access.held:
        return null()
    fen = cast(func.sum(Bill.total_fen - Bill.paid_fen), BigInteger)
    return (
        select(fen)
        .where(
            Bill.payer_id == Person.id,
            Bill.status.in_(OWING),
            access.where("bills.see", Bill.community_id),
        )
        .scalar_subquery()
    )
