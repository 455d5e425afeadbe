"""One person as the desk sees them: who they are, where they live with whom, how they are reached.

Everything is cut to what the colleague may see: a role for one building shows that building's
rooms.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.permissions import PERMISSIONS
from domain.company.model import Community
from domain.errors import NotPermitted
from domain.people.model import Consent, Occupancy, OccupancyRole, Person, PersonChannel
from domain.people.queries import PersonNotFound
from domain.rooms.model import Building, Room, RoomKind
from domain.staff.model import FieldAccess, PersonalField, Staff

# What every person's page asks is put together once: that takes longer than asking.
_PERSON: BindParameter[int] = bindparam("person_id")
_STAYS = (
    select(
        Occupancy.id, Room.id, Room.code, Room.kind, Building.id, Building.name,
        Occupancy.role, Occupancy.relation, Occupancy.share, Occupancy.is_payer,
        Occupancy.from_on, Occupancy.to_on,
    )
    .join(Room, Room.id == Occupancy.room_id)
    .join(Building, Building.id == Room.building_id)
    .where(Occupancy.person_id == _PERSON)
    .order_by(Occupancy.to_on.desc().nulls_first(), Room.code, Occupancy.from_on.desc())
)  # fmt: skip
_HOUSEMATES = (
    select(
        Occupancy.room_id, Person.id, Person.name, Occupancy.role, Occupancy.relation,
        Occupancy.is_payer,
    )
    .join(Person, Person.id == Occupancy.person_id)
    .where(
        Occupancy.room_id.in_(bindparam("room_ids", expanding=True)),
        Occupancy.person_id != _PERSON,
        Occupancy.from_on <= bindparam("on"),
        Occupancy.to_on.is_(None) | (Occupancy.to_on > bindparam("on")),
    )
    .order_by(Occupancy.is_payer.desc(), Occupancy.id)
)  # fmt: skip
_REACHED = (
    select(Staff.name, PersonChannel.bound_at, PersonChannel.broken_reason)
    .outerjoin(Staff, Staff.wecom_userid == PersonChannel.follower_userid)
    .where(PersonChannel.person_id == _PERSON)
    .order_by(PersonChannel.bound_at.desc(), PersonChannel.id.desc())
)
_WHO = (
    select(Person, Community)
    .join(Community, Community.id == Person.community_id)
    .where(Person.id == _PERSON)
)
_CONSENTS = select(Consent).where(Consent.person_id == _PERSON).order_by(Consent.id.desc())
_BUILDINGS = (
    select(Room.building_id)
    .join(Occupancy, Occupancy.room_id == Room.id)
    .where(Occupancy.person_id == _PERSON)
    .distinct()
)


@dataclass(frozen=True, slots=True)
class Stay:
    """A person in a room for a time; `to_on` is the first day they are no longer there."""

    id: int
    room_id: int
    room_code: str
    room_kind: RoomKind
    building_id: int
    building_name: str
    role: OccupancyRole
    relation: str | None
    share: Decimal | None
    is_payer: bool
    from_on: date
    to_on: date | None

    def holds(self, on: date) -> bool:
        """Whether they are there on a day."""
        return self.from_on <= on and (self.to_on is None or self.to_on > on)


@dataclass(frozen=True, slots=True)
class Housemate:
    """Somebody else in one of the rooms today."""

    room_id: int
    person_id: int
    name: str
    role: OccupancyRole
    relation: str | None
    is_payer: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A WeCom contact of the person, and the colleague whose customer they are."""

    follower: str | None
    bound_at: datetime
    broken_reason: str | None


def reach(session: Session, access: Access, permission: str, person_id: int) -> Person:
    """The person, where the colleague may do this with them; else a refusal without content."""
    return at_home(session, access, permission, person_id)[0]


def at_home(
    session: Session, access: Access, permission: str, person_id: int
) -> tuple[Person, Community]:
    """The same with the person's community."""
    found = session.execute(_WHO, {"person_id": person_id}).one_or_none()
    if found is None:
        raise PersonNotFound("没有找到这个人")
    if not reaches(session, access, permission, found[0]):
        raise NotPermitted(f"{access.name}没有「{PERMISSIONS[permission]}」的权限")
    return found[0], found[1]


def reaches(session: Session, access: Access, permission: str, person: Person) -> bool:
    """Whether the colleague may do this with a person: in their whole community, or where they live."""
    if access.may(permission, community_id=person.community_id):
        return True
    if permission not in access.held:
        return False
    here = select(Person.id).where(Person.id == person.id, access.where_person(permission))
    return session.scalar(here) is not None


def stays(session: Session, access: Access, person_id: int) -> list[Stay]:
    """Where the person lives and has lived, today's rooms first."""
    seen = _STAYS.where(access.where("people.see", Room.community_id, Room.building_id))
    return [Stay(*row) for row in session.execute(seen, {"person_id": person_id})]


def household(
    session: Session, room_ids: Sequence[int], *, but: int, on: date
) -> dict[int, list[Housemate]]:
    """Room -> who else is there on a day, payers first."""
    rows = session.execute(_HOUSEMATES, {"room_ids": room_ids, "person_id": but, "on": on})
    found: dict[int, list[Housemate]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Housemate(*row))
    return found


def reached(session: Session, person_id: int) -> list[Reached]:
    """The person's WeCom contacts, the newest first."""
    rows = session.execute(_REACHED, {"person_id": person_id})
    return [Reached(*row) for row in rows]


def consents(session: Session, person_id: int) -> Sequence[Consent]:
    """What the person has agreed to, the newest first, withdrawn ones too."""
    return session.scalars(_CONSENTS, {"person_id": person_id}).all()


def fields(session: Session, access: Access, person: Person) -> dict[PersonalField, FieldAccess]:
    """How much of each personal field of this person the colleague sees."""
    buildings = session.scalars(_BUILDINGS, {"person_id": person.id}).all()
    return shown(access, person, buildings)


def shown(
    access: Access, person: Person, buildings: Iterable[int]
) -> dict[PersonalField, FieldAccess]:
    """The same, where it is known in which buildings they live and have lived.

    Those the colleague sees are enough: a role shows nothing of whom it does not see.
    """
    return {
        one: access.field(one, community_id=person.community_id, building_ids=buildings)
        for one in PersonalField
    }
