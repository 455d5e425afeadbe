"""Who joins, comes back, changes and leaves: compared in memory, written in a few statements."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from domain.access import sessions
from domain.access.model import ApiToken
from domain.company.opening import ensure_company
from domain.history import audit
from domain.history.actor import Actor
from domain.history.model import AuditEntry
from domain.staff.model import Staff
from domain.staff.roster import Member, Roster
from domain.staff.syncing.changes import Changes
from domain.staff.syncing.errors import RosterEmpty, TooManyLeave

LEFT = "staff.left_wecom"
SIGNED_OUT = "您已不在企业微信的通讯录里，请联系管理员"


@dataclass(frozen=True, slots=True)
class Known:
    """A colleague of ours with a WeCom userid. `left`: it was a sync that disabled him."""

    id: int
    userid: str
    name: str
    position: str | None
    active: bool
    left: bool


@dataclass
class Moves:
    """Who has to be written."""

    joiners: list[Member] = field(default_factory=list)
    back: list[tuple[Known, Member]] = field(default_factory=list)
    changed: list[tuple[Known, Member]] = field(default_factory=list)
    leavers: list[Known] = field(default_factory=list)


def known(session: Session) -> dict[str, Known]:
    """Our colleagues by userid in lower case."""
    by_sync = (
        exists()
        .where(
            AuditEntry.subject == "staff", AuditEntry.subject_id == Staff.id,
            AuditEntry.action == LEFT, AuditEntry.at == Staff.left_at,
        )
        .correlate(Staff)
    )  # fmt: skip
    rows = session.execute(
        select(
            Staff.id, Staff.wecom_userid, Staff.name, Staff.position, Staff.active, by_sync
        ).where(Staff.wecom_userid.is_not(None))
    )
    found = [Known(*row) for row in rows]
    return {one.userid.lower(): one for one in found}


def compare(ours: dict[str, Known], roster: Roster, *, force: bool) -> Moves:
    """What has to happen; RosterEmpty or TooManyLeave where the reading is not believed."""
    if not roster.departments or (roster.whole and not roster.members):
        raise RosterEmpty("企业微信没有返回部门或成员，没有改动任何员工；请检查应用的可见范围")
    moves = Moves()
    for key, member in roster.members.items():
        if member.works:
            _compare_one(moves, ours.get(key), member)
    moves.leavers = [one for one in ours.values() if one.active and _has_left(one, roster)]
    working = sum(one.active for one in ours.values())
    if roster.whole and not force and len(moves.leavers) * 3 > working:
        raise TooManyLeave(
            f"企业微信里少了 {len(moves.leavers)} 人（共 {working} 人），超过三分之一，没有停用任何人；"
            "确实如此的话，请在「强制执行」下再同步一次",
            leavers=len(moves.leavers), working=working,
        )  # fmt: skip
    return moves


def _compare_one(moves: Moves, one: Known | None, member: Member) -> None:
    if one is None:
        moves.joiners.append(member)
    elif one.left and not one.active:
        moves.back.append((one, member))
    elif one.active and _told(member, one) != (one.name, one.position):
        moves.changed.append((one, member))


def _has_left(one: Known, roster: Roster) -> bool:
    """Disabled there, gone from there, or (of a whole reading) not in it."""
    key = one.userid.lower()
    member = roster.members.get(key)
    if member is not None:
        return not member.works
    return roster.whole or key in roster.gone


def _told(member: Member, one: Known) -> tuple[str, str | None]:
    """Name and position as they are now; an app that may not see a name is told none."""
    return member.name or one.name, member.position or None


def write(session: Session, moves: Moves, changes: Changes, *, by: Actor, at: datetime) -> None:
    """Write who joined, changed and left; a line about each."""
    _write_joiners(session, moves.joiners, changes)
    for one, member in [*moves.back, *moves.changed]:
        name, position = _told(member, one)
        session.execute(
            update(Staff)
            .where(Staff.id == one.id)
            .values(name=name, position=position, active=True, left_at=None)
        )
    changes.back += [f"{one.userid}（请核对本系统给他的岗位）" for one, _ in moves.back]
    changes.changed += [_difference(one, member) for one, member in moves.changed]
    changes.left += [one.userid for one in moves.leavers]
    _write_leavers(session, moves.leavers, by=by, at=at)


def _write_joiners(session: Session, joiners: Iterable[Member], changes: Changes) -> None:
    """New colleagues; a login somebody has by other means is not given to a stranger."""
    taken = set(session.scalars(select(func.lower(Staff.login))))
    free = []
    for member in joiners:
        if member.userid.lower() in taken:
            changes.unmapped.append(
                f"{member.userid}：工号已被本系统的另一个账号使用；请在那个账号里填上企业微信账号，或改它的工号"
            )
            continue
        free.append(member)
        changes.joined.append(member.userid)
    if free:
        company_id = ensure_company(session)
        session.execute(
            insert(Staff),
            [
                {
                    "company_id": company_id, "login": one.userid.lower(), "wecom_userid": one.userid,
                    "name": one.name or one.userid, "position": one.position or None,
                }
                for one in free
            ],
        )  # fmt: skip


def _write_leavers(session: Session, leavers: Iterable[Known], *, by: Actor, at: datetime) -> None:
    """Out at once, everywhere: account, browsers, tokens. What others gave them here stays noted."""
    ids = [one.id for one in leavers]
    if not ids:
        return
    session.execute(update(Staff).where(Staff.id.in_(ids)).values(active=False, left_at=at))
    session.execute(
        update(ApiToken)
        .where(ApiToken.staff_id.in_(ids), ApiToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    for staff_id in ids:
        sessions.end_all(session, staff_id, reason=SIGNED_OUT, at=at)
        audit.record(session, LEFT, subject="staff", subject_id=staff_id, by=by, at=at)


def _difference(one: Known, member: Member) -> str:
    name, position = _told(member, one)
    said = ["姓名变了"] if name != one.name else []
    if position != one.position:
        said.append(f"职务改为 {position or '（空）'}")
    return f"{one.userid}：{'，'.join(said)}"
