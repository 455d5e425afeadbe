"""Colleagues joining, corrected, leaving and coming back: by whom it may be done, and on record."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.access import granting, sessions
from domain.access.access import Access
from domain.access.governing import governed
from domain.access.model import ApiToken
from domain.company.model import Company
from domain.errors import Conflict, Invalid, NotAllowedNow
from domain.history import audit
from domain.staff import page
from domain.staff.model import Staff

LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
USERID = re.compile(r"[A-Za-z0-9_.@-]{1,64}")
LONGEST_NAME, LONGEST_POSITION = 30, 30


class StaffInvalid(Invalid):
    """A login, name or WeCom account that cannot be."""

    code = "staff_invalid"


class StaffTaken(Conflict):
    """Another colleague has this login or this WeCom account."""

    code = "staff_taken"


class StaffChanged(Conflict):
    """Somebody edited the colleague since the form was opened."""

    code = "staff_changed"


class NotYourself(NotAllowedNow):
    """Nobody closes their own account."""

    code = "not_yourself"


class AlreadyThere(NotAllowedNow):
    """The account is already closed, or already open."""

    code = "already_there"


@dataclass(frozen=True, slots=True)
class StaffFacts:
    """What a form says about a colleague."""

    login: str
    name: str
    position: str
    wecom_userid: str


@dataclass(frozen=True, slots=True)
class Left:
    """What closing an account ended."""

    sessions: int
    tokens: int


def seen(person: Staff) -> str:
    """What a form was opened on; an edit since then changes it."""
    values = (person.login, person.name, person.position, person.wecom_userid, person.active)
    return hashlib.sha256(repr(values).encode()).hexdigest()[:24]


def over(session: Session, access: Access, person: Staff) -> None:
    """Refuse unless this colleague may manage that one's account."""
    grants = tuple(one.grant for one in page.held(session, person.id))
    granting.require_over(access, Access(person.id, person.name, grants), grants)


def create(session: Session, access: Access, facts: StaffFacts, *, at: datetime) -> Staff:
    """A new colleague without a role yet; the caller gives one in the same act."""
    access.require_somewhere("staff.edit")
    person = Staff(company_id=session.scalars(select(Company.id)).one(), active=True)
    _write(session, person, facts)
    audit.record(
        session, "staff.create", subject="staff", subject_id=person.id, by=access.actor, at=at
    )
    return person


def edit(
    session: Session, access: Access, person: Staff, facts: StaffFacts, *, opened: str, at: datetime
) -> None:
    """Correct a colleague; refused when somebody else did since the form was opened."""
    session.refresh(person, with_for_update=True)
    over(session, access, person)
    if seen(person) != opened:
        raise StaffChanged("有人刚刚改过这位同事的资料，请核对最新的内容后再改")
    before = (person.login, person.name, person.position or "", person.wecom_userid or "")
    after = (facts.login, facts.name, facts.position, facts.wecom_userid)
    names = ("login", "name", "position", "wecom_userid")
    changed = [name for name, a, b in zip(names, before, after, strict=True) if a != b]
    _write(session, person, facts)
    if "wecom_userid" in changed:  # the sign-ins were another WeCom account's
        sessions.end_all(session, person.id, reason="企业微信账号改了，请重新登录", at=at)
    audit.record(
        session, "staff.edit", subject="staff", subject_id=person.id, by=access.actor, at=at,
        fields=changed,
    )  # fmt: skip


def leave(session: Session, access: Access, person: Staff, *, opened: str, at: datetime) -> Left:
    """Close an account: every sign-in and token of it ends with this transaction."""
    session.refresh(person, with_for_update=True)
    over(session, access, person)
    if person.id == access.staff_id:
        raise NotYourself("不能停用自己的账号，请让另一位管理员操作")
    if not person.active:
        raise AlreadyThere("这个账号已经停用了")
    if seen(person) != opened:
        raise StaffChanged("有人刚刚改过这位同事的资料，请核对后再停用")
    with governed(session):
        person.active, person.left_at = False, at
    ended = sessions.end_all(session, person.id, reason="这个账号已经停用", at=at)
    tokens = session.execute(
        update(ApiToken)
        .where(ApiToken.staff_id == person.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=at)
    )
    gone = Left(ended, int(tokens.rowcount))  # type: ignore[attr-defined]
    audit.record(
        session, "staff.leave", subject="staff", subject_id=person.id, by=access.actor, at=at,
        sessions=gone.sessions, tokens=gone.tokens,
    )  # fmt: skip
    return gone


def come_back(session: Session, access: Access, person: Staff, *, at: datetime) -> None:
    """Open an account again, with the roles it had."""
    session.refresh(person, with_for_update=True)
    over(session, access, person)
    if person.active:
        raise AlreadyThere("这个账号没有停用")
    person.active, person.left_at = True, None
    session.flush()
    audit.record(
        session, "staff.return", subject="staff", subject_id=person.id, by=access.actor, at=at
    )


def sign_out(session: Session, access: Access, person: Staff, *, at: datetime) -> int:
    """Sign a colleague out everywhere; how many browsers."""
    over(session, access, person)
    ended = sessions.end_all(session, person.id, reason="管理员让您退出了，请重新登录", at=at)
    audit.record(
        session, "staff.sign_out", subject="staff", subject_id=person.id, by=access.actor, at=at,
        sessions=ended,
    )  # fmt: skip
    return ended


def _write(session: Session, person: Staff, facts: StaffFacts) -> None:
    _check(facts)
    if facts.wecom_userid and _somebody_elses(session, person, facts.wecom_userid):
        raise StaffTaken("这个企业微信账号已经是另一位同事的了")
    person.login, person.name = facts.login, facts.name
    person.position = facts.position or None
    person.wecom_userid = facts.wecom_userid or None
    try:
        with session.begin_nested():
            session.add(person)
            session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        what = "企业微信账号" if name == "uq_staff_wecom_userid" else "账号"
        raise StaffTaken(f"这个{what}已经是另一位同事的了") from error


def _somebody_elses(session: Session, person: Staff, userid: str) -> bool:
    """WeCom ignores the case of a userid, so two that differ in it only are one member."""
    same = select(Staff.id).where(func.lower(Staff.wecom_userid) == userid.lower())
    return any(found != person.id for found in session.scalars(same))


def _check(facts: StaffFacts) -> None:
    if not LOGIN.fullmatch(facts.login):
        raise StaffInvalid("账号用 2 到 32 个小写字母、数字、点或横线，以字母或数字开头")
    if not facts.name or len(facts.name) > LONGEST_NAME:
        raise StaffInvalid(f"请填写姓名，最多 {LONGEST_NAME} 个字")
    if len(facts.position) > LONGEST_POSITION:
        raise StaffInvalid(f"职务最多 {LONGEST_POSITION} 个字")
    if facts.wecom_userid and not USERID.fullmatch(facts.wecom_userid):
        raise StaffInvalid("企业微信账号是通讯录里的“账号”，由字母、数字和 _-@. 组成")
