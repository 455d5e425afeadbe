"""登录验证码: six digits sent to the member in WeCom, good for one browser and five minutes."""

import hmac
import secrets as randomness
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from domain import locks
from domain.access import secrets
from domain.access.model import LoginCode
from domain.errors import BackOfficeError, Conflict

LIFE = timedelta(minutes=5)
LOGIN_LIFE = timedelta(minutes=15)
"""How long after the right code the new password may take."""
AGAIN_AFTER = timedelta(seconds=60)
PER_HOUR = 5
TRIES = 5


class CodeWrong(BackOfficeError):
    """Not the code, too late, or tried too often."""

    code = "login_code_wrong"


class CodesExhausted(Conflict):
    """Asked for too many codes."""

    code = "login_codes_exhausted"


class LoginLost(BackOfficeError):
    """The login under way is not this browser's, or took too long."""

    code = "login_lost"


class CodeNotSent(BackOfficeError):
    """The member cannot be reached in WeCom now."""

    code = "login_code_not_sent"


def begin(session: Session, staff_id: int, *, at: datetime) -> tuple[str, str]:
    """A code for a colleague who gave the right password: the browser's ticket, and the code."""
    locks.hold(session, f"login_code:{staff_id}")
    made = session.scalars(
        select(LoginCode.made_at)
        .where(LoginCode.staff_id == staff_id, LoginCode.made_at > at - timedelta(hours=1))
        .order_by(LoginCode.made_at.desc())
    ).all()
    if made and at - made[0] < AGAIN_AFTER:
        raise CodesExhausted("验证码刚刚发过，请一分钟后再试")
    if len(made) >= PER_HOUR:
        raise CodesExhausted("一小时内验证码发得太多了，请稍后再试")
    session.execute(  # an older code dies with the new one
        update(LoginCode)
        .where(LoginCode.staff_id == staff_id, LoginCode.ends_at > at)
        .values(ends_at=at)
    )
    ticket, code = secrets.fresh(), f"{randomness.randbelow(10**6):06d}"
    session.add(
        LoginCode(
            staff_id=staff_id,
            ticket_hash=secrets.hashed(ticket),
            code_hash=_code_hash(ticket, code),
            made_at=at,
            ends_at=at + LIFE,
        )
    )
    session.flush()
    return ticket, code


def enter(session: Session, ticket: str, code: str, *, at: datetime) -> int | BackOfficeError:
    """The colleague whose code this is, or the refusal (returned, so that the try is counted)."""
    row = _of(session, ticket)
    if row.passed_at is not None:
        return row.staff_id
    if at >= row.ends_at:
        return CodeWrong("验证码已过期，请重新登录")
    if row.tries >= TRIES:
        return CodeWrong("验证码错了太多次，请重新登录")
    row.tries += 1
    if not hmac.compare_digest(row.code_hash, _code_hash(ticket, code)):
        left = TRIES - row.tries
        return CodeWrong(
            f"验证码不对，还能试 {left} 次" if left else "验证码错了太多次，请重新登录"
        )
    row.passed_at, row.ends_at = at, at + LOGIN_LIFE
    return row.staff_id


def passed(session: Session, ticket: str, *, at: datetime) -> LoginCode:
    """The login of a browser that has entered the code and is still in time, or LoginLost."""
    row = _of(session, ticket)
    if row.passed_at is None or row.used_at is not None or at >= row.ends_at:
        raise LoginLost("这次登录已经失效，请重新登录")
    return row


def _of(session: Session, ticket: str) -> LoginCode:
    row = session.scalar(
        select(LoginCode).where(LoginCode.ticket_hash == secrets.hashed(ticket)).with_for_update()
    )
    if row is None:
        raise LoginLost("这次登录已经失效，请重新登录")
    return row


def _code_hash(ticket: str, code: str) -> bytes:
    """Bound to the browser's ticket: six digits alone would be found by trying them all."""
    return hmac.digest(ticket.encode(), code.encode(), "sha256")
