"""The list of colleagues: those who work where the reader may see staff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select, true
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.model import DeskSession
from domain.access.permissions import PERMISSIONS
from domain.company.model import Community
from domain.errors import NotPermitted
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered
from domain.rooms.model import Building
from domain.staff.model import Role, Staff, StaffRole
from domain.staff.queries import StaffNotFound

SORTS = {
    "state": (Staff.active.desc(), Staff.id),
    "name": (Staff.name,),
    "login": (Staff.login,),
}
GONE = "left"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """A colleague in a list; `roles` says each role and where it holds."""

    id: int
    name: str
    login: str
    position: str | None
    wecom_userid: str | None
    active: bool
    seen_at: datetime | None
    roles: str


def visible(access: Access, permission: str) -> ColumnElement[bool]:
    """Colleagues who work where this one holds the permission, or everywhere."""
    if access.may(permission):
        return true()
    here = access.where(permission, StaffRole.community_id, StaffRole.building_id)
    return exists().where(
        StaffRole.staff_id == Staff.id, or_(here, StaffRole.community_id.is_(None))
    )


def reach(session: Session, access: Access, permission: str, staff_id: int) -> Staff:
    """The colleague, where this one may do that with them; else a refusal without content."""
    person = session.get(Staff, staff_id)
    if person is None:
        raise StaffNotFound("没有找到这位同事")
    access.require_somewhere(permission)
    here = select(Staff.id).where(Staff.id == staff_id, visible(access, permission))
    if session.scalar(here) is None:
        raise NotPermitted(f"{access.name}在这位同事的小区没有「{PERMISSIONS[permission]}」的权限")
    return person


def colleagues(session: Session, access: Access, wanted: Wanted) -> Listed[StaffRow]:
    """One page of colleagues."""
    found = listed(session, _asked(access, wanted), wanted, sorts=SORTS, key=Staff.id)
    return Listed(_dressed(session, found.rows), found.count, found.many, found.page, found.size)


def everybody(session: Session, access: Access, wanted: Wanted) -> Iterator[StaffRow]:
    """The same colleagues unpaged, for an export."""
    asked = ordered(_asked(access, wanted), wanted, sorts=SORTS, key=Staff.id)
    yield from _dressed(session, session.execute(asked.limit(EXPORTED)).all())


def _asked(access: Access, wanted: Wanted) -> Select[Any]:
    seen = (
        select(func.max(DeskSession.seen_at))
        .where(DeskSession.staff_id == Staff.id)
        .scalar_subquery()
    )
    asked = select(
        Staff.id, Staff.name, Staff.login, Staff.position, Staff.wecom_userid, Staff.active, seen
    ).where(visible(access, "staff.see"))
    if wanted.words:
        columns = (Staff.name, Staff.login, Staff.wecom_userid, Staff.position)
        asked = asked.where(or_(*(one.icontains(wanted.words, autoescape=True) for one in columns)))
    if state := wanted.filter("state"):
        asked = asked.where(Staff.active.is_(state != GONE))
    holds = exists().where(StaffRole.staff_id == Staff.id)
    if role := wanted.filter("role"):
        asked = asked.where(holds.where(StaffRole.role_id == int(role)))
    if community := wanted.filter("community"):
        here = StaffRole.community_id == int(community)
        asked = asked.where(holds.where(or_(here, StaffRole.community_id.is_(None))))
    return asked


def _dressed(session: Session, rows: Sequence[Any]) -> list[StaffRow]:
    held: dict[int, list[str]] = {}
    found = session.execute(
        select(StaffRole.staff_id, Role.name, Community.name, Building.name)
        .join(Role, Role.id == StaffRole.role_id)
        .outerjoin(Community, Community.id == StaffRole.community_id)
        .outerjoin(Building, Building.id == StaffRole.building_id)
        .where(StaffRole.staff_id.in_([row[0] for row in rows]))
        .order_by(StaffRole.id)
    )
    for staff_id, role, community, building in found:
        held.setdefault(staff_id, []).append(f"{role}（{place_words(community, building)}）")
    roles = {one: "、".join(dict.fromkeys(words)) for one, words in held.items()}
    return [
        StaffRow(one, name, login, position, userid, active, seen, roles.get(one, ""))
        for one, name, login, position, userid, active, seen in rows
    ]


def place_words(community: str | None, building: str | None) -> str:
    """`全公司`, `翠湖花园`, `翠湖花园 3栋`."""
    return f"{community} {building}" if community and building else community or "全公司"
