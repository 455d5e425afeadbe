"""岗位: what they carry, where they are held, and who may open one."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.granting import Place
from domain.errors import NotPermitted
from domain.staff.joining import RoleNotFound
from domain.staff.model import (
    FieldAccess,
    PersonalField,
    Role,
    RoleField,
    Staff,
    StaffRole,
    WecomTag,
)


class HeldElsewhere(NotPermitted):
    """The role is also held where the colleague manages none."""

    code = "role_held_elsewhere"


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """What a role is called and carries."""

    name: str
    permissions: frozenset[str]
    fields: Mapping[PersonalField, FieldAccess]

    def digest(self) -> str:
        """What a form was opened on; an edit since then changes it."""
        shown = [(one.value, self.fields.get(one, FieldAccess.NONE).value) for one in PersonalField]
        said = repr((self.name, sorted(self.permissions), shown))
        return hashlib.sha256(said.encode()).hexdigest()[:24]


def facts(session: Session, role: Role) -> RoleFacts:
    """A role as it stands."""
    shown = session.scalars(select(RoleField).where(RoleField.role_id == role.id))
    fields = dict.fromkeys(PersonalField, FieldAccess.NONE)
    fields |= {one.field: one.access for one in shown}
    return RoleFacts(role.name, frozenset(role.permissions), fields)


def reach(session: Session, access: Access, role_id: int) -> Role:
    """The role, where the colleague manages roles everywhere it is held; else a refusal."""
    access.require_somewhere("roles.edit")
    role = session.get(Role, role_id)
    if role is None:
        raise RoleNotFound("没有找到这个岗位")
    for place in places(session, role.id):
        if not access.may(
            "roles.edit", community_id=place.community_id, building_id=place.building_id
        ):
            raise HeldElsewhere("这个岗位在您管理的范围以外也有人担任，请让管理全公司的同事修改")
    return role


def places(session: Session, role_id: int) -> list[Place]:
    """Where the role is held; everywhere too if a tag of WeCom gives it."""
    rows = session.execute(
        select(StaffRole.community_id, StaffRole.building_id)
        .where(StaffRole.role_id == role_id)
        .distinct()
    )
    found = [Place(*row) for row in rows]
    tagged = select(WecomTag.id).where(WecomTag.role_id == role_id, WecomTag.gone_at.is_(None))
    return [*found, Place(None, None)] if session.scalar(tagged.limit(1)) else found


def holders(session: Session, role_id: int) -> Sequence[str]:
    """Names of the active colleagues who hold the role."""
    return session.scalars(
        select(Staff.name)
        .where(
            Staff.active,
            Staff.id.in_(select(StaffRole.staff_id).where(StaffRole.role_id == role_id)),
        )
        .order_by(Staff.name, Staff.id)
    ).all()


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role in the list."""

    id: int
    name: str
    permissions: int
    holders: int


def rows(session: Session) -> list[RoleRow]:
    """Every role, with how many active colleagues hold it."""
    held = (
        select(func.count(func.distinct(StaffRole.staff_id)))
        .join(Staff, Staff.id == StaffRole.staff_id)
        .where(StaffRole.role_id == Role.id, Staff.active)
        .scalar_subquery()
    )
    found = session.execute(
        select(Role.id, Role.name, func.cardinality(Role.permissions), held).order_by(Role.id)
    )
    return [RoleRow(*row) for row in found]
