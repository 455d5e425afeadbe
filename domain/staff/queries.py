"""Named questions about colleagues."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from domain.access import access
from domain.errors import NotFound
from domain.history.actor import Actor
from domain.staff.model import Role, Staff, StaffRole


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


def member(session: Session, userid: str) -> Staff | None:
    """The colleague with this WeCom userid (WeCom ignores its case), still with us; None if none."""
    return session.scalar(
        select(Staff).where(func.lower(Staff.wecom_userid) == userid.lower(), Staff.active)
    )


def permitted(session: Session, login: str, permission: str, *, community_id: int) -> Actor:
    """The colleague as actor, or a refusal that says what is missing."""
    found = access.of(session, active(session, login))
    return found.require(permission, community_id=community_id)


def acting(session: Session, login: str | None, permission: str, *, community_id: int) -> Actor:
    """Who a command is said to act for: the colleague, if he may; without a login the operator."""
    if login is None:
        return Actor.operator()
    return permitted(session, login, permission, community_id=community_id)


def _holding(permission: str, community_id: int) -> Select[tuple[Staff]]:
    here: ColumnElement[bool] = StaffRole.community_id.is_(None) | (
        (StaffRole.community_id == community_id) & StaffRole.building_id.is_(None)
    )
    return select(Staff).where(
        Staff.active,
        Staff.id.in_(
            select(StaffRole.staff_id)
            .join(Role, Role.id == StaffRole.role_id)
            .where(Role.permissions.contains([permission]), here)
        ),
    )
