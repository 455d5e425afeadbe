"""Sessions at the desk: opened by signing in, alive while used, ended by anybody who may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from domain.access import access as accesses
from domain.access import secrets
from domain.access.access import Access
from domain.access.model import DeskSession, SignInWay
from domain.errors import BackOfficeError
from domain.history import audit
from domain.history.actor import Actor
from domain.staff.model import Staff

SEEN_EVERY = timedelta(minutes=1)
DEVICE_LENGTH = 200
_AT_WORK = (
    select(DeskSession, Staff, accesses.GRANTS)
    .join(Staff, Staff.id == DeskSession.staff_id)
    .where(DeskSession.token_hash == bindparam("token_hash"))
)
"""Asked for every page, so put together once."""


class NotSignedIn(BackOfficeError):
    """Nobody is signed in at this browser, or no longer."""

    code = "not_signed_in"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who is at the desk: the row of the sign-in, whose it is, and what they may do now."""

    row: DeskSession
    staff: Staff
    access: Access


@dataclass(frozen=True, slots=True)
class Life:
    """How long a session lives: unused, and at most."""

    idle: timedelta
    whole: timedelta


def begin(
    session: Session, person: Staff, *, way: SignInWay, device: str, at: datetime
) -> tuple[str, DeskSession]:
    """Sign a colleague in at a browser: the secret for its cookie, and the row."""
    token = secrets.fresh()
    row = DeskSession(
        staff_id=person.id,
        token_hash=secrets.hashed(token),
        form_key=secrets.fresh(),
        way=way,
        device=device[:DEVICE_LENGTH],
        made_at=at,
        seen_at=at,
    )
    session.add(row)
    session.flush()
    audit.record(
        session, "desk.sign_in", subject="staff", subject_id=person.id,
        by=Actor.staff(person.id, person.name), at=at, way=way.value, desk_session=row.id,
    )  # fmt: skip
    return token, row


def current(session: Session, token: str, *, life: Life, at: datetime) -> SignedIn:
    """Who is signed in at a browser, or NotSignedIn with the reason."""
    found = session.execute(_AT_WORK, {"token_hash": secrets.hashed(token)}).one_or_none()
    if found is None:
        raise NotSignedIn("登录信息已失效，请重新登录")
    row, person, granted = found
    if refusal := _why_over(row, person, life, at):
        raise NotSignedIn(refusal)
    if at - row.seen_at >= SEEN_EVERY:  # not a write per click
        row.seen_at = at
    return SignedIn(row, person, accesses.with_grants(person, granted))


def end(session: Session, session_id: int, *, reason: str, at: datetime) -> None:
    """Sign one browser out; again changes nothing."""
    session.execute(
        update(DeskSession)
        .where(DeskSession.id == session_id, DeskSession.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
    )


def end_all(session: Session, staff_id: int, *, reason: str, at: datetime) -> int:
    """Sign a colleague out everywhere; how many browsers."""
    ended = session.execute(
        update(DeskSession)
        .where(DeskSession.staff_id == staff_id, DeskSession.ended_at.is_(None))
        .values(ended_at=at, end_reason=reason)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]


def live_of(session: Session, staff_id: int, *, life: Life, at: datetime) -> Sequence[DeskSession]:
    """Where a colleague is signed in now, the latest first."""
    return session.scalars(
        select(DeskSession)
        .where(
            DeskSession.staff_id == staff_id,
            DeskSession.ended_at.is_(None),
            DeskSession.seen_at > at - life.idle,
            DeskSession.made_at > at - life.whole,
        )
        .order_by(DeskSession.seen_at.desc())
    ).all()


def _why_over(row: DeskSession, person: Staff, life: Life, at: datetime) -> str:
    if not person.active:
        return "这个账号已经停用，请联系管理员"
    if row.ended_at is not None:
        return row.end_reason or "您已退出，请重新登录"
    if at >= row.made_at + life.whole:
        return "登录时间太久了，请重新登录"
    if at >= row.seen_at + life.idle:
        return "很久没有操作，请重新登录"
    return ""
