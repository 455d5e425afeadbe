"""What one colleague may do, where, and how much of personal data they see.

The one place that decides: pages, API, exports, flow triggers and the command line ask here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    bindparam,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.access.permissions import PERMISSIONS
from domain.company.model import Community
from domain.errors import NotPermitted
from domain.history.actor import Actor
from domain.people.model import Occupancy, Person
from domain.rooms.model import Room
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField, Staff, StaffRole

Column = InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
AMOUNT = [FieldAccess.NONE, FieldAccess.MASKED, FieldAccess.FULL]
"""From least to most."""
_SHOWN = (
    select(func.jsonb_object_agg(RoleField.field, RoleField.access))
    .where(RoleField.role_id == Role.id)
    .scalar_subquery()
)
GRANTS: ScalarSelect[list[Any] | None] = (
    select(
        func.jsonb_agg(
            aggregate_order_by(
                func.jsonb_build_array(
                    Role.name, Role.permissions, _SHOWN,
                    StaffRole.community_id, StaffRole.building_id,
                ),
                StaffRole.id,
            )
        )
    )
    .select_from(StaffRole)
    .join(Role, Role.id == StaffRole.role_id)
    .where(StaffRole.staff_id == Staff.id)
    .scalar_subquery()
)  # fmt: skip
"""The roles of the colleague a query is about, for `with_grants`: whoever is asked for on every page
is asked for together with them.
"""
_GRANTED = select(GRANTS).where(Staff.id == bindparam("staff_id"))
_COMMUNITIES: Select[tuple[Community]] = select(Community).order_by(Community.name)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of a colleague in one place; no community = everywhere, no building = all of it."""

    role: str
    permissions: frozenset[str]
    fields: Mapping[PersonalField, FieldAccess]
    community_id: int | None
    building_id: int | None

    def covers(self, community_id: int | None, building_id: int | None) -> bool:
        """Whether it holds there. What belongs to no building needs the whole community."""
        if self.community_id is None:
            return True
        if self.community_id != community_id:
            return False
        return self.building_id is None or self.building_id == building_id


@dataclass(frozen=True, slots=True)
class Access:
    """Everything a colleague may do now; loaded once per request.

    `token_id`: the token a program of theirs came with.
    """

    staff_id: int
    name: str
    grants: tuple[Grant, ...]
    token_id: int | None = None

    @property
    def actor(self) -> Actor:
        """The colleague, for history."""
        return Actor.staff(self.staff_id, self.name, token_id=self.token_id)

    @property
    def held(self) -> frozenset[str]:
        """What they may do somewhere."""
        return frozenset[str]().union(*(grant.permissions for grant in self.grants))

    def limited(self, scopes: Collection[str]) -> "Access":
        """No more than these permissions of what they may do: what a token of theirs may."""
        within = frozenset(scopes)
        cut = [replace(grant, permissions=grant.permissions & within) for grant in self.grants]
        return replace(self, grants=tuple(cut))

    def may(
        self, permission: str, *, community_id: int | None = None, building_id: int | None = None
    ) -> bool:
        """Whether they may do this there; without a community: in the whole company."""
        return any(
            permission in grant.permissions and grant.covers(community_id, building_id)
            for grant in self.grants
        )

    def require(
        self, permission: str, *, community_id: int | None = None, building_id: int | None = None
    ) -> Actor:
        """The colleague as actor, or NotPermitted with what is missing."""
        if not self.may(permission, community_id=community_id, building_id=building_id):
            raise self._lacks(PERMISSIONS[permission])
        return self.actor

    def require_somewhere(self, *permissions: str) -> None:
        """Refuse whoever holds none of these anywhere."""
        if not self.held.intersection(permissions):
            names = "、".join(PERMISSIONS[one] for one in permissions)
            raise self._lacks(names)

    def _lacks(self, names: str) -> NotPermitted:
        """Of a token nobody knows here whether it or its colleague lacks it."""
        if self.token_id is None:
            return NotPermitted(f"{self.name}没有「{names}」的权限")
        return NotPermitted(
            f"这个令牌没有「{names}」的权限：新建时没有勾选，或者{self.name}自己在那里没有"
        )

    def field(
        self, field: PersonalField, *, community_id: int, building_ids: Iterable[int] = ()
    ) -> FieldAccess:
        """How much of a personal field of people there they see: the most any of their roles shows.

        `building_ids`: where the person lives; a role that holds in one of them counts.
        """
        there = [None, *building_ids]
        seen = [
            grant.fields.get(field, FieldAccess.NONE)
            for grant in self.grants
            if "people.see" in grant.permissions
            and any(grant.covers(community_id, building) for building in there)
        ]
        return max(seen, key=AMOUNT.index, default=FieldAccess.NONE)

    def where(
        self, permission: str, community: Column, building: Column | None = None
    ) -> ColumnElement[bool]:
        """The rows of a query they may do this with; `building` lets one-building roles count."""
        here = [grant for grant in self.grants if permission in grant.permissions]
        if any(grant.community_id is None for grant in here):
            return true()
        whole = {grant.community_id for grant in here if grant.building_id is None}
        part = {grant.building_id for grant in here if grant.building_id is not None}
        found = [community.in_(sorted(filter(None, whole)))] if whole else []
        if building is not None and part:
            found.append(building.in_(sorted(part)))
        return or_(*found) if found else false()

    def where_person(self, permission: str) -> ColumnElement[bool]:
        """Persons they may do this with: of their communities, or living in their buildings."""
        buildings = {
            grant.building_id
            for grant in self.grants
            if permission in grant.permissions and grant.building_id is not None
        }
        whole = self.where(permission, Person.community_id)
        if not buildings:
            return whole
        lives = (
            select(Occupancy.id)
            .join(Room, Room.id == Occupancy.room_id)
            .where(Occupancy.person_id == Person.id, Room.building_id.in_(sorted(buildings)))
        )
        return or_(whole, lives.exists())

    def communities(
        self, session: Session, *permissions: str, whole: bool = False
    ) -> list[Community]:
        """Communities where they hold one of these, if only for a building unless `whole`; by name."""
        here = [
            grant
            for grant in self.grants
            if grant.permissions.intersection(permissions)
            and not (whole and grant.building_id is not None)
        ]
        ids = {grant.community_id for grant in here}
        if None in ids:
            return list(session.scalars(_COMMUNITIES))
        some = Community.id.in_(sorted(filter(None, ids)))
        return list(session.scalars(_COMMUNITIES.where(some)))


def of(session: Session, person: Staff) -> Access:
    """What a colleague may do now; nothing once they have left."""
    return with_grants(person, session.scalar(_GRANTED, {"staff_id": person.id}))


def with_grants(person: Staff, granted: Sequence[Any] | None) -> Access:
    """`of` a colleague whose `GRANTS` came with them."""
    grants = tuple(
        Grant(name, frozenset(permissions), _fields(fields), community_id, building_id)
        for name, permissions, fields, community_id, building_id in granted or ()
        if person.active
    )
    return Access(person.id, person.name, grants)


def _fields(stored: dict[str, str] | None) -> dict[PersonalField, FieldAccess]:
    return {PersonalField(key): FieldAccess(value) for key, value in (stored or {}).items()}
