"""账号密码: issued by an administrator, refused with growing patience, changed by its owner."""

import secrets as randomness
import threading
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.access import sessions, strangers
from domain.access.model import StaffCredential, UnknownLogin
from domain.errors import BackOfficeError, Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.staff.model import Staff

FREE_FAILURES = 4
LONGEST_BLOCK = timedelta(hours=1)
SHORTEST = 10
LONGEST = 128
INITIAL_SIGNS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789"
"""Nothing that looks like something else: an initial password is read from paper."""

HASHER = PasswordHasher()
AT_ONCE = threading.BoundedSemaphore(4)
"""Each check takes 64 MB: a crowd of guesses waits in line instead of filling the memory."""
NOBODY = HASHER.hash(randomness.token_urlsafe())
WRONG = "账号或密码不对"
COMMON = ("123456", "password", "qwerty", "admin", "wuye", "888888", "666666", "abc123", "111111")


class PasswordWrong(BackOfficeError):
    """No such account, or another password: one sentence for both."""

    code = "password_wrong"


class NoPassword(Conflict):
    """An account that has no password to change."""

    code = "no_password"


class AccountBlocked(BackOfficeError):
    """Too many wrong passwords; for how long is in the sentence."""

    code = "account_blocked"


class PasswordWeak(Invalid):
    """A new password that is too easy."""

    code = "password_weak"


def issue(session: Session, person: Staff, *, by: Actor, at: datetime) -> str:
    """Give a colleague a new initial password, shown once; they are signed out everywhere."""
    initial = "-".join(
        "".join(randomness.choice(INITIAL_SIGNS) for _ in range(4)) for _ in range(3)
    )
    row = session.scalar(select(StaffCredential).where(StaffCredential.staff_id == person.id))
    if row is None:
        row = StaffCredential(staff_id=person.id)
        session.add(row)
    row.password_hash, row.issued_at, row.issued_by = HASHER.hash(initial), at, by.name
    row.changed_at, row.failures, row.blocked_until = None, 0, None
    sessions.end_all(session, person.id, reason="管理员重新发放了密码，请重新登录", at=at)
    audit.record(
        session, "staff.password_issued", subject="staff", subject_id=person.id, by=by, at=at
    )
    return initial


def check(
    session: Session, login: str, password: str, *, at: datetime
) -> tuple[Staff, StaffCredential] | BackOfficeError:
    """Whose account this is, or the refusal.

    The refusal is returned, not raised: the failure must be counted and committed. Two tries at
    once wait for each other, so that guessing side by side gains nothing.
    """
    found = session.execute(
        select(Staff, StaffCredential)
        .join(StaffCredential, StaffCredential.staff_id == Staff.id)
        .where(Staff.login == login, Staff.active)
        .with_for_update(of=StaffCredential)
    ).one_or_none()
    if found is None:
        stranger = strangers.tries_at(session, login, at=at)
        return _tried(stranger, NOBODY, password, at) or PasswordWrong(WRONG)
    person, row = found
    return _tried(row, row.password_hash, password, at) or (person, row)


def change(session: Session, row: StaffCredential, new: str, *, by: Actor, at: datetime) -> None:
    """Take a new password from its owner."""
    session.refresh(row, with_for_update=True)
    person = session.get_one(Staff, row.staff_id)
    if refusal := _too_easy(new, person.login):
        raise PasswordWeak(refusal)
    if _fits(row.password_hash, new):
        raise PasswordWeak("新密码和现在的一样，请换一个")
    row.password_hash, row.changed_at = HASHER.hash(new), at
    audit.record(
        session, "staff.password_changed", subject="staff", subject_id=person.id, by=by, at=at
    )


def of(session: Session, staff_id: int) -> StaffCredential | None:
    """A colleague's password row, if they have one."""
    return session.scalar(select(StaffCredential).where(StaffCredential.staff_id == staff_id))


def confirm(
    session: Session, row: StaffCredential, password: str, *, at: datetime
) -> BackOfficeError | None:
    """None where the owner knows the present password, else the refusal.

    It is returned and counted as at the login: who finds a desk left open gets no more tries.
    """
    session.refresh(row, with_for_update=True)
    refusal = _tried(row, row.password_hash, password, at)
    return PasswordWrong("现在的密码不对") if isinstance(refusal, PasswordWrong) else refusal


def _tried(
    row: StaffCredential | UnknownLogin, kept: str, password: str, at: datetime
) -> BackOfficeError | None:
    """None for the right password in time; the row is locked, and remembers a wrong one."""
    if row.blocked_until is not None and at < row.blocked_until:
        return AccountBlocked(f"密码错了太多次，请 {_minutes(row.blocked_until - at)} 分钟后再试")
    if not _fits(kept, password):
        return _failed(row, at)
    row.failures, row.blocked_until = 0, None
    return None


def _failed(row: StaffCredential | UnknownLogin, at: datetime) -> BackOfficeError:
    row.failures += 1
    over = row.failures - FREE_FAILURES
    if over > 0:
        wait = min(timedelta(minutes=2 ** min(over - 1, 10)), LONGEST_BLOCK)
        row.blocked_until = at + wait
        return AccountBlocked(f"密码错了 {row.failures} 次，请 {_minutes(wait)} 分钟后再试")
    return PasswordWrong(WRONG)


def _too_easy(new: str, login: str) -> str:
    if not SHORTEST <= len(new) <= LONGEST:
        return f"新密码要 {SHORTEST} 到 {LONGEST} 个字符"
    plain = new.lower()
    if len(set(plain)) < 5 or plain.isdigit():
        return "新密码太简单，请混用字母、数字或符号"
    if (len(login) > 2 and login.lower() in plain) or any(word in plain for word in COMMON):
        return "新密码里有太容易猜到的内容，比如账号或常见密码"
    return ""


def _fits(kept: str, password: str) -> bool:
    try:
        with AT_ONCE:
            return HASHER.verify(kept, password[: LONGEST + 1])
    except VerifyMismatchError:
        return False


def _minutes(span: timedelta) -> int:
    return max(1, -(-int(span.total_seconds()) // 60))
