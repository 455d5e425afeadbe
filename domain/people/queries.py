"""Named questions about people: who opens a page, who lives in a room."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from domain.company.model import Community, Company
from domain.company.queries import PHONE
from domain.errors import NotFound
from domain.people.model import Occupancy, OccupancyRole, Person, PersonKind

OCCUPANCY_ROLE_NAMES = {
    OccupancyRole.OWNER: "业主",
    OccupancyRole.FAMILY: "家属",
    OccupancyRole.TENANT: "租户",
}

# What an owner's every page and the counter ask is put together once: that takes longer than asking.
_OWNER = (
    select(
        Person.id, Person.name, Person.kind, Community.id, Community.name,
        Company.name, PHONE, func.coalesce(Community.address, Company.address),
        Company.logo_type.is_not(None),
    )
    .join(Community, Community.id == Person.community_id)
    .join(Company, Company.id == Community.company_id)
    .where(Person.id == bindparam("person_id"))
)  # fmt: skip
_RESIDENTS = (
    select(Person.id, Person.name, Occupancy.role, Occupancy.is_payer, Person.phone_masked)
    .join(Occupancy, Occupancy.person_id == Person.id)
    .where(
        Occupancy.room_id == bindparam("room_id"),
        Occupancy.from_on <= bindparam("on"),
        Occupancy.to_on.is_(None) | (Occupancy.to_on > bindparam("on")),
    )
    .order_by(Occupancy.is_payer.desc(), Occupancy.id)
)


class PersonNotFound(NotFound):
    """No such person any more."""

    code = "person_not_found"


@dataclass(frozen=True, slots=True)
class OwnerFacts:
    """A person and whom to ask: community, company, the telephone and address to turn to."""

    person_id: int
    name: str
    kind: PersonKind
    community_id: int
    community_name: str
    company_name: str
    company_phone: str | None
    company_address: str | None = None
    has_logo: bool = False


@dataclass(frozen=True, slots=True)
class Resident:
    """A person in a room today."""

    person_id: int
    name: str
    role: OccupancyRole
    is_payer: bool
    phone_masked: str | None


def owner(session: Session, person_id: int) -> OwnerFacts:
    """The person with community and company, or PersonNotFound."""
    row = session.execute(_OWNER, {"person_id": person_id}).one_or_none()
    if row is None:
        raise PersonNotFound("没有找到您的资料，请联系物业服务中心")
    return OwnerFacts(*row)


def residents(session: Session, room_id: int, *, on: date) -> list[Resident]:
    """Who is in the room on a day, payers first."""
    rows = session.execute(_RESIDENTS, {"room_id": room_id, "on": on})
    return [Resident(*row) for row in rows]
