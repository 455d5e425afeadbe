"""Colleagues joining."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.errors import NotFound
from domain.history import audit
from domain.history.actor import Actor
from domain.staff.defaults import ensure_roles
from domain.staff.model import Role, Staff, StaffRole


class RoleNotFound(NotFound):
    """No role with this code."""

    code = "role_not_found"


def join(
    session: Session,
    *,
    company_id: int,
    login: str,
    name: str,
    role: str,
    by: Actor,
    at: datetime,
    community_id: int | None = None,
    wecom_userid: str | None = None,
) -> Staff:
    """Give a colleague a login and a role (everywhere, or in one community); again changes nothing."""
    given = _role(session, role)
    new = session.scalar(
        insert(Staff)
        .values(company_id=company_id, login=login, name=name, wecom_userid=wecom_userid)
        .on_conflict_do_nothing(index_elements=[Staff.login])
        .returning(Staff.id)
    )
    person = session.scalars(select(Staff).where(Staff.login == login)).one()
    granted = session.scalar(
        insert(StaffRole)
        .values(staff_id=person.id, role_id=given.id, community_id=community_id)
        .on_conflict_do_nothing()
        .returning(StaffRole.id)
    )
    if new is not None:
        audit.record(session, "staff.create", subject="staff", subject_id=person.id, by=by, at=at)
    if granted is not None:
        audit.record(
            session, "staff.grant", subject="staff", subject_id=person.id, by=by, at=at,
            role=given.name, community=community_id, building=None,
        )  # fmt: skip
    return person


def _role(session: Session, code: str) -> Role:
    """A default role the company has deleted comes back only when asked for."""
    asked = select(Role).where(Role.code == code)
    found = session.scalar(asked)
    if found is None:
        ensure_roles(session)
        found = session.scalar(asked)
    if found is None:
        raise RoleNotFound(f"没有代号为 {code[:40]} 的岗位")
    return found
