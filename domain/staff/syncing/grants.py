"""Which roles tags give to whom, and where; only those of WeCom are ever touched."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, select, tuple_
from sqlalchemy.orm import Session

from domain.company.model import Community
from domain.staff.model import GrantSource, Role, Staff, StaffDepartment, StaffRole
from domain.staff.roster import Member, Roster
from domain.staff.syncing.changes import Changes
from domain.staff.syncing.places import Meaning

Grant = tuple[int, int, int | None]
"""Colleague, role, community (None = all)."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A colleague of ours whom the reading speaks of."""

    id: int
    userid: str
    active: bool


def write(
    session: Session,
    roster: Roster,
    meaning: Meaning,
    subjects: Collection[Subject],
    changes: Changes,
) -> None:
    """Bring departments and roles of these colleagues to what WeCom says."""
    members = {
        one.id: roster.members[one.userid.lower()]
        for one in subjects
        if one.active and one.userid.lower() in roster.members
    }
    ids = [one.id for one in subjects]
    _write_homes(session, ids, members, meaning)
    wanted = {
        (staff_id, role, place)
        for staff_id, member in members.items()
        for role in _roles(roster, meaning, member)
        for place in _places(roster, meaning, member)
    }
    _write_grants(session, ids, wanted, subjects, changes)
    changes.unmapped += _unmapped(roster, meaning, members)


def subjects_of(session: Session, roster: Roster) -> list[Subject]:
    """Everybody with a userid, or of a partial reading those it asked for."""
    rows = session.execute(
        select(Staff.id, Staff.wecom_userid, Staff.active)
        .where(Staff.wecom_userid.is_not(None))
        .order_by(Staff.id)
    )
    found = [Subject(*row) for row in rows]
    if roster.whole:
        return found
    asked = roster.members.keys() | roster.gone
    return [one for one in found if one.userid.lower() in asked]


def _roles(roster: Roster, meaning: Meaning, member: Member) -> set[int]:
    return {meaning.roles[tag.id] for tag in roster.tags_of(member) if tag.id in meaning.roles}


def _places(roster: Roster, meaning: Meaning, member: Member) -> frozenset[int | None]:
    """Everywhere covers the rest."""
    found = frozenset[int | None]().union(
        *(meaning.scope_of(roster, home) for home in member.departments)
    )
    return frozenset({None}) if None in found else found


def _write_homes(
    session: Session, ids: Collection[int], members: Mapping[int, Member], meaning: Meaning
) -> None:
    wanted = {
        (staff_id, meaning.rows[home])
        for staff_id, member in members.items()
        for home in member.departments
        if home in meaning.rows
    }
    columns = (StaffDepartment.staff_id, StaffDepartment.department_id)
    held = {tuple(row) for row in session.execute(select(*columns).where(columns[0].in_(ids)))}
    if gone := held - wanted:
        session.execute(delete(StaffDepartment).where(tuple_(*columns).in_(gone)))
    if new := wanted - held:
        session.execute(
            insert(StaffDepartment),
            [{"staff_id": one, "department_id": home} for one, home in sorted(new)],
        )


def _write_grants(
    session: Session,
    ids: Collection[int],
    wanted: set[Grant],
    subjects: Collection[Subject],
    changes: Changes,
) -> None:
    rows = session.execute(
        select(StaffRole.id, StaffRole.staff_id, StaffRole.role_id, StaffRole.community_id).where(
            StaffRole.source == GrantSource.WECOM, StaffRole.staff_id.in_(ids)
        )
    )
    held = {(row.staff_id, row.role_id, row.community_id): row.id for row in rows}
    gone = [grant for grant in held if grant not in wanted]
    new = sorted(wanted - held.keys(), key=lambda grant: (grant[0], grant[1], grant[2] or 0))
    if gone:
        session.execute(delete(StaffRole).where(StaffRole.id.in_([held[one] for one in gone])))
    if new:
        session.execute(
            insert(StaffRole),
            [
                {
                    "staff_id": staff_id, "role_id": role, "community_id": place,
                    "source": GrantSource.WECOM,
                }
                for staff_id, role, place in new
            ],
        )  # fmt: skip
    if gone or new:
        name = _namer(session, subjects)
        changes.granted += map(name, new)
        changes.revoked += map(name, gone)


class _namer:  # noqa: N801 - used as a function
    """A grant in words: `zhangsan：客服（翠湖花园）`."""

    def __init__(self, session: Session, subjects: Collection[Subject]) -> None:
        self.people = {one.id: one.userid for one in subjects}
        self.roles = {row.id: row.name for row in session.execute(select(Role.id, Role.name))}
        named = session.execute(select(Community.id, Community.name))
        self.places = {row.id: row.name for row in named}

    def __call__(self, grant: Grant) -> str:
        staff_id, role, place = grant
        where = "全部小区" if place is None else self.places[place]
        return f"{self.people[staff_id]}：{self.roles[role]}（{where}）"


def _unmapped(roster: Roster, meaning: Meaning, members: Mapping[int, Member]) -> list[str]:
    """What a person should map: tags without a role, people whose departments mean nothing here."""
    carried = {tag.id for member in members.values() for tag in roster.tags_of(member)}
    said = [
        f"标签「{roster.tags[one].name}」还没有对应岗位"
        for one in sorted(carried)
        if one not in meaning.roles
    ]
    said += [
        f"{member.userid}：有岗位标签，但所在部门没有对应小区，没有给岗位"
        for member in members.values()
        if _roles(roster, meaning, member) and not _places(roster, meaning, member)
    ]
    bare = sum(not _roles(roster, meaning, member) for member in members.values())
    if bare and roster.whole:
        said.append(f"{bare} 位员工没有岗位标签，企业微信没有给他们岗位")
    return said
