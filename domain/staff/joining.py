"""Colleagues joining."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.errors import NotFound
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
    community_id: int | None = None,
    wecom_userid: str | None = None,
) -> Staff:
    """Give a colleague a login and a role (everywhere, or in one community); again changes nothing."""
    asked = select(Role.id).where(Role.code == role)
    role_id = session.scalar(asked)
    if role_id is None:  # a default role the company has deleted comes back only when asked for
        ensure_roles(session)
        role_id = session.scalar(asked)
    if role_id is None:
        raise RoleNotFound(f"没有代号为 {role[:40]} 的岗位")
    session.execute(
        insert(Staff)
        .values(company_id=company_id, login=login, name=name, wecom_userid=wecom_userid)
        .on_conflict_do_nothing(index_elements=[Staff.login])
    )
    person = session.scalars(select(Staff).where(Staff.login == login)).one()
    session.execute(
        insert(StaffRole)
        .values(staff_id=person.id, role_id=role_id, community_id=community_id)
        .on_conflict_do_nothing()
    )
    return person
