"""Colleagues joining."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

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


@dataclass(frozen=True, slots=True)
class _Joined:
    """Whether the colleague is new, and the role if it was not theirs before."""

    person: Staff
    new: bool
    granted: Role | None


def enrol(session: Session, *, by: Actor, at: datetime, **who: Any) -> Staff:
    """`join`, on the record: who gave whom a login and a role."""
    joined = _join(session, **who)
    person, role = joined.person, joined.granted
    if joined.new:
        audit.record(session, "staff.create", subject="staff", subject_id=person.id, by=by, at=at)
    if role is not None:
        audit.record(
            session, "staff.grant", subject="staff", subject_id=person.id, by=by, at=at,
            role=role.name, community=who.get("community_id"), building=None,
        )  # fmt: skip
    return person


def join(session: Session, **who: Any) -> Staff:
    """Give a colleague (`company_id`, `login`, `name`, `wecom_userid`) a `role`, everywhere or in
    `community_id`; again changes nothing. For scenery: what people do is `enrol`.
    """
    return _join(session, **who).person


def _join(
    session: Session,
    *,
    company_id: int,
    login: str,
    name: str,
    role: str,
    community_id: int | None = None,
    wecom_userid: str | None = None,
) -> _Joined:
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
    return _Joined(person, new is not None, given if granted is not None else None)


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
