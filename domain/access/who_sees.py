"""谁能看到这位业主，为什么: every colleague whose roles show something of a person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.access.access import AMOUNT
from domain.company.model import Community
from domain.people.model import Occupancy, Person
from domain.rooms.model import Building, Room
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField, Staff, StaffRole

NAME_ONLY = ("bills.see", "payments.see", "payments.take", "letters.handle", "imports.apply")
"""Permissions whose pages name people beside what they are about."""


@dataclass(frozen=True, slots=True)
class Reason:
    """One role that shows something of the person, and where it holds."""

    role: str
    place: str
    permissions: frozenset[str]
    phone: FieldAccess
    id_number: FieldAccess

    @property
    def opens(self) -> bool:
        """Whether it opens the person's page; otherwise the name stands beside other things."""
        return "people.see" in self.permissions


@dataclass(frozen=True, slots=True)
class Viewer:
    """A colleague and every role through which they see the person."""

    staff_id: int
    name: str
    position: str | None
    reasons: Sequence[Reason]

    @property
    def opens(self) -> bool:
        """Whether they can open the person's page."""
        return any(reason.opens for reason in self.reasons)

    def most(self, field: str) -> FieldAccess:
        """The most that any of the roles shows of a field."""
        seen = [getattr(one, field) for one in self.reasons if one.opens]
        return max(seen, key=AMOUNT.index, default=FieldAccess.NONE)


def viewers(session: Session, person: Person) -> list[Viewer]:
    """Everybody at work who sees something of this person; those who open the page first."""
    found: dict[tuple[int, str, str | None], list[Reason]] = {}
    for staff_id, name, position, *rest in _grants(session, person):
        reason = _reason(*rest)
        if reason is not None:
            found.setdefault((staff_id, name, position), []).append(reason)
    everybody = [Viewer(*who, reasons) for who, reasons in found.items()]
    return sorted(everybody, key=lambda one: (not one.opens, one.name, one.staff_id))


def _grants(session: Session, person: Person) -> Iterable[Any]:
    """Grants of active colleagues that hold where the person lives."""
    lives = (
        select(Room.building_id)
        .join(Occupancy, Occupancy.room_id == Room.id)
        .where(Occupancy.person_id == person.id)
    )
    shown = (
        select(func.jsonb_object_agg(RoleField.field, RoleField.access))
        .where(RoleField.role_id == Role.id)
        .scalar_subquery()
    )
    here = or_(StaffRole.building_id.is_(None), StaffRole.building_id.in_(lives))
    return session.execute(
        select(
            Staff.id, Staff.name, Staff.position, Role.name, Role.permissions, shown,
            Community.name, Building.name,
        )
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .join(Role, Role.id == StaffRole.role_id)
        .outerjoin(Community, Community.id == StaffRole.community_id)
        .outerjoin(Building, Building.id == StaffRole.building_id)
        .where(
            Staff.active,
            or_(StaffRole.community_id.is_(None), StaffRole.community_id == person.community_id),
            here,
        )
        .order_by(Staff.id, StaffRole.id)
    )  # fmt: skip


def _reason(
    role: str,
    permissions: Sequence[str],
    fields: dict[str, str] | None,
    community: str | None,
    building: str | None,
) -> Reason | None:
    held = frozenset(permissions)
    # What is about a whole community (bills, payments, letters) a role for one building never shows.
    names = held.intersection(NAME_ONLY) if building is None else frozenset()
    if "people.see" not in held and not names:
        return None
    shown = fields or {}
    place = f"{community}{building}" if community and building else community or "全公司"
    return Reason(
        role, place, names | held.intersection({"people.see"}),
        phone=FieldAccess(shown.get(PersonalField.PHONE, FieldAccess.NONE)),
        id_number=FieldAccess(shown.get(PersonalField.ID_NUMBER, FieldAccess.NONE)),
    )  # fmt: skip
