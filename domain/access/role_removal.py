"""Taking a role away that nobody holds and that no tag of WeCom gives."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from domain import locks
from domain.access import granting
from domain.access.access import Access
from domain.access.role_editing import RoleChanged, managed_places
from domain.access.roles import RoleFacts, facts
from domain.errors import Conflict
from domain.history import audit
from domain.staff.model import Role, RoleField, Staff, StaffRole, WecomTag

NAMED = 5


class RoleHeld(Conflict):
    """Somebody holds the role, be it with a closed account."""

    code = "role_held"


class RoleMapped(Conflict):
    """A tag of WeCom gives the role."""

    code = "role_mapped"


@dataclass(frozen=True, slots=True)
class Ties:
    """What a role still hangs on: colleagues who hold it, how many of them left, tags that give it."""

    holders: tuple[str, ...]
    left: int
    tags: tuple[str, ...]

    def check(self) -> None:
        """Refuse while there is any, saying what to do first."""
        if self.holders:
            names = "、".join(self.holders[:NAMED]) + ("等" if len(self.holders) > NAMED else "")
            left = f"（其中 {self.left} 位的账号已停用）" if self.left else ""
            raise RoleHeld(
                f"还有 {len(self.holders)} 位同事是这个岗位：{names}{left}。"
                "请先到“员工”里取消他们的这个岗位，再来删除"
            )
        if self.tags:
            raise RoleMapped(
                f"企业微信的标签「{'、'.join(self.tags[:NAMED])}」会给出这个岗位。"
                "请先在“员工 → 企业微信标签和部门”里改掉，再来删除"
            )


def ties(session: Session, role_id: int) -> Ties:
    """What a role hangs on now."""
    held = session.execute(
        select(Staff.name, func.bool_or(Staff.active))
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(StaffRole.role_id == role_id)
        .group_by(Staff.id, Staff.name)
        .order_by(Staff.name, Staff.id)
    ).all()
    tags = session.scalars(
        select(WecomTag.name)
        .where(WecomTag.role_id == role_id, WecomTag.gone_at.is_(None))
        .order_by(WecomTag.name)
    )
    left = sum(not active for _, active in held)
    return Ties(tuple(name for name, _ in held), left, tuple(tags))


def remove(session: Session, access: Access, role: Role, *, opened: str, at: datetime) -> RoleFacts:
    """Delete a role, by somebody who could have made it; what it was stays in the audit."""
    locks.hold(session, "role names")
    session.refresh(role, with_for_update=True)  # whoever gives it meanwhile waits, and finds none
    was = facts(session, role)
    if was.digest() != opened:
        raise RoleChanged("有人刚刚改过这个岗位，请核对最新的内容后再删")
    ties(session, role.id).check()
    for place in managed_places(access):
        granting.require(access, was.permissions, was.fields, place)
    session.execute(update(WecomTag).where(WecomTag.role_id == role.id).values(role_id=None))
    session.execute(delete(RoleField).where(RoleField.role_id == role.id))
    session.delete(role)
    session.flush()
    audit.record(
        session, "role.remove", subject="role", subject_id=role.id, by=access.actor, at=at,
        name=was.name, permissions=sorted(was.permissions),
    )  # fmt: skip
    return was
