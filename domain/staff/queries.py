"""Named questions about colleagues."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from domain.errors import NotFound, NotPermitted
from domain.history.actor import Actor
from domain.staff.model import Role, Staff, StaffRole

PERMISSIONS = {
    "bills.run": "发起出账",
    "bills.approve": "审批账单",
    "bills.reverse": "红冲账单",
    "payments.take": "收款",
    "payments.refund": "退款",
    "imports.apply": "导入数据",
    "letters.handle": "处理未送达的消息",
}


class StaffNotFound(NotFound):
    """No active colleague with this login."""

    code = "staff_not_found"


def holding(session: Session, permission: str, *, community_id: int) -> Sequence[Staff]:
    """Active colleagues who hold a permission in a community."""
    return session.scalars(_holding(permission, community_id).order_by(Staff.id)).all()


def active(session: Session, login: str) -> Staff:
    """The colleague with this login, still with us, or StaffNotFound."""
    person = session.scalar(select(Staff).where(Staff.login == login, Staff.active))
    if person is None:
        raise StaffNotFound(f"没有在职员工「{login[:40]}」")
    return person


def permitted(session: Session, login: str, permission: str, *, community_id: int) -> Actor:
    """The colleague as actor, or a refusal that says what is missing."""
    person = active(session, login)
    if session.scalar(_holding(permission, community_id).where(Staff.id == person.id)) is None:
        raise NotPermitted(f"{person.name}没有「{PERMISSIONS[permission]}」的权限")
    return Actor.staff(person.id, person.name)


def _holding(permission: str, community_id: int) -> Select[tuple[Staff]]:
    here: ColumnElement[bool] = or_(
        StaffRole.community_id.is_(None), StaffRole.community_id == community_id
    )
    return select(Staff).where(
        Staff.active,
        Staff.id.in_(
            select(StaffRole.staff_id)
            .join(Role, Role.id == StaffRole.role_id)
            .where(Role.permissions.contains([permission]), here)
        ),
    )
