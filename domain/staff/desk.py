"""Colleagues at the desk: signing in once per link."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict
from domain.history import audit
from domain.history.actor import Actor
from domain.history.model import AuditEntry
from domain.staff.model import Staff
from domain.staff.queries import StaffNotFound

ENTERED = "desk.enter"


class LinkUsed(Conflict):
    """A sign-in link is good for one use."""

    code = "link_used"


def working(session: Session, staff_id: int) -> Staff:
    """The colleague, still with us, or StaffNotFound."""
    person = session.scalar(select(Staff).where(Staff.id == staff_id, Staff.active))
    if person is None:
        raise StaffNotFound("这个账号已经停用，请联系管理员")
    return person


def enter(session: Session, staff_id: int, nonce: str, *, at: datetime) -> Staff:
    """Sign a colleague in by a link; the audit entry is what makes the link a used one."""
    person = working(session, staff_id)
    locks.hold(session, f"{ENTERED}:{nonce}")
    if used(session, staff_id, nonce):
        raise LinkUsed("这个登录链接已经用过了")
    audit.record(
        session, ENTERED, subject="staff", subject_id=person.id,
        by=Actor.staff(person.id, person.name), at=at, link=nonce,
    )  # fmt: skip
    return person


def used(session: Session, staff_id: int, nonce: str) -> bool:
    """Whether somebody has signed in with this link."""
    entry = select(AuditEntry.id).where(
        AuditEntry.subject == "staff",
        AuditEntry.subject_id == staff_id,
        AuditEntry.action == ENTERED,
        AuditEntry.detail["link"].astext == nonce,
    )
    return session.scalar(entry) is not None
