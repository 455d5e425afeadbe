"""What stands beside a name in the list: rooms of today, WeCom, what is owed. Three queries a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, any_, bindparam, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.bills.model import Bill
from domain.bills.queries import OWING
from domain.listing import among
from domain.people.model import Occupancy, PersonChannel, PersonKind
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from domain.rooms.model import Room

_BOUND = select(PersonChannel.person_id).where(
    PersonChannel.person_id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
    PersonChannel.broken_reason.is_(None),
)
"""Put together once: that takes longer than asking."""


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


def dressed(session: Session, access: Access, rows: Sequence[Any], *, on: date) -> list[PersonRow]:
    """Rows (id, name, kind, community, phone) with the rest of what the list shows."""
    ids = [row[0] for row in rows]
    rooms = _rooms(session, access, ids, on)
    bound = set(session.scalars(_BOUND, {"ids": ids}))
    owed = _owed(session, access, ids)
    return [
        PersonRow(
            one,
            name,
            kind,
            community,
            phone,
            *rooms.get(one, ("", "")),
            one in bound,
            owed.get(one),
        )
        for one, name, kind, community, phone in rows
    ]


def _rooms(
    session: Session, access: Access, ids: Sequence[int], on: date
) -> dict[int, tuple[str, str]]:
    """Person -> codes of the rooms they are in today, and their roles there."""
    found = session.execute(
        select(Occupancy.person_id, Room.code, Occupancy.role)
        .join(Room, Room.id == Occupancy.room_id)
        .where(
            among(Occupancy.person_id, ids),
            Occupancy.from_on <= on,
            Occupancy.to_on.is_(None) | (Occupancy.to_on > on),
            access.where("people.see", Room.community_id, Room.building_id),
        )
        .order_by(Occupancy.person_id, Occupancy.is_payer.desc(), Occupancy.id)
    )
    codes: dict[int, dict[str, None]] = {}
    roles: dict[int, dict[str, None]] = {}
    for person_id, code, role in found:
        codes.setdefault(person_id, {})[code] = None
        roles.setdefault(person_id, {})[OCCUPANCY_ROLE_NAMES[role]] = None
    return {one: ("、".join(codes[one]), "、".join(roles[one])) for one in codes}


def _owed(session: Session, access: Access, ids: Sequence[int]) -> dict[int, int]:
    """Person -> fen owed, for those whose amounts the colleague may see and who owe something."""
    if "bills.see" not in access.held:
        return {}
    fen = cast(func.sum(Bill.total_fen - Bill.paid_fen), BigInteger)
    found = session.execute(
        select(Bill.payer_id, fen)
        .where(
            among(Bill.payer_id, ids),
            Bill.status.in_(OWING),
            access.where("bills.see", Bill.community_id),
        )
        .group_by(Bill.payer_id)
    )
    return {person_id: fen for person_id, fen in found if person_id is not None}
