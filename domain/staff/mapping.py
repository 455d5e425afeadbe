"""What WeCom's tags and departments mean here: said by people, read by the sync."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.access import granting
from domain.access.access import Access
from domain.access.granting import Place
from domain.company.model import Community
from domain.errors import Conflict, Invalid, NotFound
from domain.history import audit
from domain.history.model import AuditEntry
from domain.inbox import rack
from domain.inbox.rack import SYNC_WANTED, Arrived
from domain.staff.joining import RoleNotFound
from domain.staff.model import (
    Role,
    RoleField,
    Staff,
    StaffDepartment,
    WecomDepartment,
    WecomTag,
)

NEEDS = "roles.edit"
EVERYWHERE = "all"


class MappingChanged(Conflict):
    """Somebody else has mapped it since the page was opened."""

    code = "mapping_changed"


class UnknownInWecom(NotFound):
    """No such tag or department."""

    code = "unknown_in_wecom"


@dataclass(frozen=True, slots=True)
class TagLine:
    """A tag and the role it gives."""

    id: int
    name: str
    role_id: int | None


@dataclass(frozen=True, slots=True)
class DepartmentLine:
    """A department, how deep it lies, how many colleagues are in it, and where their roles hold.

    `scope`: a community's id, `all`, or "" for what the department around it says. `around`:
    whether that says anything.
    """

    id: int
    wecom_id: int
    parent: int | None
    name: str
    members: int
    scope: str
    depth: int = 0
    around: bool = False


def tags(session: Session) -> Sequence[TagLine]:
    """The tags WeCom has, by name."""
    rows = session.execute(
        select(WecomTag.id, WecomTag.name, WecomTag.role_id)
        .where(WecomTag.gone_at.is_(None))
        .order_by(WecomTag.name, WecomTag.id)
    )
    return [TagLine(*row) for row in rows]


def departments(session: Session) -> Sequence[DepartmentLine]:
    """The departments WeCom has, each below the one around it."""
    members = (
        select(func.count())
        .select_from(StaffDepartment)
        .join(Staff, Staff.id == StaffDepartment.staff_id)
        .where(StaffDepartment.department_id == WecomDepartment.id, Staff.active)
        .scalar_subquery()
    )
    rows = session.execute(
        select(WecomDepartment, members)
        .where(WecomDepartment.gone_at.is_(None))
        .order_by(WecomDepartment.name, WecomDepartment.id)
    )
    lines = [
        DepartmentLine(row.id, row.wecom_id, row.parent_wecom_id, row.name, count, _scope(row))
        for row, count in rows
    ]
    known = {line.wecom_id for line in lines}
    tops = [line for line in lines if line.parent not in known]
    return [placed for top in tops for placed in _below(top, lines, depth=0, around=False)]


def _below(
    line: DepartmentLine, lines: Sequence[DepartmentLine], *, depth: int, around: bool
) -> list[DepartmentLine]:
    placed = [replace(line, depth=depth, around=around)]
    if depth < 20:  # WeCom allows 15; a circle ends here
        for one in lines:
            if one.parent == line.wecom_id and one is not line:
                placed += _below(one, lines, depth=depth + 1, around=around or bool(line.scope))
    return placed


def map_tag(
    session: Session, access: Access, tag_id: int, role_id: int | None, *, seen: str, at: datetime
) -> None:
    """Let a tag give a role, or none; by somebody who holds all of it in the whole company."""
    by = access.require(NEEDS)
    row = session.get(WecomTag, tag_id, with_for_update=True)
    if row is None:
        raise UnknownInWecom("企业微信里没有这个标签了，请刷新页面")
    _check_seen(seen, str(row.role_id or ""))
    if role_id is not None:
        _may_give(session, access, role_id)
    row.role_id = role_id
    entry = audit.record(
        session, "wecom.map_tag", subject="wecom_tag", subject_id=row.id, by=by, at=at, role=role_id
    )
    want_sync(session, f"after audit {entry.id}", at=at)


def map_department(
    session: Session, access: Access, department_id: int, scope: str, *, seen: str, at: datetime
) -> None:
    """Say where the roles of a department's members hold: a community's id, `all`, or nothing."""
    by = access.require(NEEDS)
    row = session.get(WecomDepartment, department_id, with_for_update=True)
    if row is None:
        raise UnknownInWecom("企业微信里没有这个部门了，请刷新页面")
    _check_seen(seen, _scope(row))
    row.whole_company = scope == EVERYWHERE
    row.community_id = _community(session, scope) if scope not in ("", EVERYWHERE) else None
    entry = audit.record(
        session, "wecom.map_department", subject="wecom_department", subject_id=row.id, by=by,
        at=at, scope=scope,
    )  # fmt: skip
    want_sync(session, f"after audit {entry.id}", at=at)


def want_sync(session: Session, why: str, *, at: datetime) -> None:
    """Let the inbox read the contacts as soon as this is committed."""
    rack.put_all(session, [Arrived(f"staff sync {why}", SYNC_WANTED, None, b"")], at=at)


def last_sync(session: Session) -> AuditEntry | None:
    """The last sync that changed something."""
    return session.scalar(
        select(AuditEntry)
        .where(AuditEntry.subject == "staff", AuditEntry.action == "staff.sync")
        .order_by(AuditEntry.id.desc())
        .limit(1)
    )


def _scope(row: WecomDepartment) -> str:
    return EVERYWHERE if row.whole_company else str(row.community_id or "")


def _check_seen(seen: str, now: str) -> None:
    if seen != now:
        raise MappingChanged("别人刚改过这一项，没有保存；页面已是最新，请再看一遍")


def _may_give(session: Session, access: Access, role_id: int) -> None:
    role = session.get(Role, role_id, with_for_update={"read": True, "key_share": True})
    if role is None:
        raise RoleNotFound("没有这个岗位，请刷新页面")
    fields = {
        one.field: one.access
        for one in session.scalars(select(RoleField).where(RoleField.role_id == role.id))
    }
    granting.require(access, role.permissions, fields, Place(None, None))


def _community(session: Session, scope: str) -> int:
    known = scope.isascii() and scope.isdigit() and len(scope) < 19
    found = session.get(Community, int(scope)) if known else None
    if found is None:
        raise Invalid("没有这个小区，请刷新页面")
    return found.id
