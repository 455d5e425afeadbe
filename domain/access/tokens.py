"""接口令牌: a program acts for one colleague, within scopes, until a day; shown once, revocable.

A token never reaches beyond its colleague: `Access.limited` cuts what they may do *now* to its
scopes, so a role that is taken away is gone for their programs, too.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from domain.access import access as accesses
from domain.access import secrets
from domain.access.access import Access
from domain.access.model import ApiToken
from domain.access.permissions import PERMISSIONS
from domain.errors import BackOfficeError, Conflict, Invalid, NotFound, NotPermitted
from domain.history import audit
from domain.history.actor import Actor
from domain.staff.model import Staff

PREFIX = "wuye_"
"""Makes a token that leaked into a file easy to find."""
LONGEST_DAYS = 365
NAME_LENGTH = 60
MOST = 20
USED_EVERY = timedelta(minutes=1)


class TokenInvalid(BackOfficeError):
    """Not a token of ours, or one that no longer holds."""

    code = "token_invalid"


class TokenNotFound(NotFound):
    """No token of this number among the colleague's own."""

    code = "token_not_found"


class ScopesInvalid(Invalid):
    """No scopes, or words that are none."""

    code = "scopes_invalid"


class TokensExhausted(Conflict):
    """More tokens than one colleague can keep an eye on."""

    code = "tokens_exhausted"


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a token acts for, and what it may do."""

    staff: Staff
    access: Access
    token_id: int


def issue(
    session: Session,
    person: Staff,
    *,
    name: str,
    scopes: Collection[str],
    days: int,
    by: Actor,
    at: datetime,
) -> tuple[str, ApiToken]:
    """A new token of a colleague: the secret, which nobody sees again, and the row."""
    if not 1 <= len(name) <= NAME_LENGTH:
        raise Invalid(f"请给令牌起个名字，最多 {NAME_LENGTH} 个字，比如用它的程序叫什么")
    if not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"令牌的有效期要在 1 到 {LONGEST_DAYS} 天之间")
    session.refresh(person, with_for_update=True)  # two at once are counted one after the other
    wanted = _within(accesses.of(session, person), scopes)
    if len(alive(session, person.id, at=at)) >= MOST:
        raise TokensExhausted(f"一位员工最多 {MOST} 个令牌，请先停用不再使用的")
    secret = PREFIX + secrets.fresh()
    row = ApiToken(
        staff_id=person.id, name=name, token_hash=secrets.hashed(secret), scopes=wanted,
        made_at=at, made_by=by.name, ends_at=at + timedelta(days=days),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, "api_token.issue", subject="staff", subject_id=person.id, by=by, at=at,
        token=row.id, scopes=wanted, days=days,
    )  # fmt: skip
    return secret, row


def caller(session: Session, secret: str, *, at: datetime) -> Caller:
    """Whom a token acts for and what it may do now, or TokenInvalid with the reason."""
    found = session.execute(
        select(ApiToken, Staff, accesses.GRANTS)
        .join(Staff, Staff.id == ApiToken.staff_id)
        .where(ApiToken.token_hash == secrets.hashed(secret))
    ).one_or_none()
    if found is None:
        raise TokenInvalid("没有这个令牌，请核对，或在“我的账号”里新建一个")
    row, person, granted = found
    if refusal := _why_over(row, person, at):
        raise TokenInvalid(refusal)
    _note_use(session, row, at)
    access = replace(accesses.with_grants(person, granted).limited(row.scopes), token_id=row.id)
    return Caller(person, access, row.id)


def revoke(session: Session, staff_id: int, token_id: int, *, by: Actor, at: datetime) -> ApiToken:
    """End a token of a colleague at once; again changes nothing."""
    row = session.scalar(
        select(ApiToken)
        .where(ApiToken.id == token_id, ApiToken.staff_id == staff_id)
        .with_for_update()
    )
    if row is None:
        raise TokenNotFound("没有找到这个令牌")
    if row.revoked_at is None:
        row.revoked_at = at
        audit.record(
            session, "api_token.revoke", subject="staff", subject_id=staff_id, by=by, at=at,
            token=row.id,
        )  # fmt: skip
    return row


def alive(session: Session, staff_id: int, *, at: datetime) -> Sequence[ApiToken]:
    """A colleague's tokens that still work, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.staff_id == staff_id, ApiToken.revoked_at.is_(None), ApiToken.ends_at > at)
        .order_by(ApiToken.id.desc())
    ).all()


def ended(session: Session, staff_id: int, *, at: datetime, limit: int) -> Sequence[ApiToken]:
    """A colleague's tokens that no longer work, the newest first."""
    over = or_(ApiToken.revoked_at.is_not(None), ApiToken.ends_at <= at)
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.staff_id == staff_id, over)
        .order_by(ApiToken.id.desc())
        .limit(limit)
    ).all()


def of(session: Session, staff_id: int, token_id: int) -> ApiToken:
    """One token of a colleague, also one that has ended; or TokenNotFound."""
    asked = select(ApiToken).where(ApiToken.id == token_id, ApiToken.staff_id == staff_id)
    row = session.scalar(asked)
    if row is None:
        raise TokenNotFound("没有找到这个令牌")
    return row


def _within(access: Access, scopes: Collection[str]) -> list[str]:
    """The scopes in the order of the permissions, where the colleague holds every one."""
    unknown = [one for one in scopes if one not in PERMISSIONS]
    if unknown or not scopes:
        raise ScopesInvalid("请至少选一项权限，并且只用系统里有的权限代号")
    wanted = [one for one in PERMISSIONS if one in scopes]
    beyond = [PERMISSIONS[one] for one in wanted if one not in access.held]
    if beyond:
        raise NotPermitted(f"{access.name}自己没有「{'、'.join(beyond)}」的权限，不能给令牌")
    return wanted


def _why_over(row: ApiToken, person: Staff, at: datetime) -> str:
    if not person.active:
        return "这个令牌的员工已经停用"
    if row.revoked_at is not None:
        return "这个令牌已经停用"
    if at >= row.ends_at:
        return "这个令牌已经过期，请在“我的账号”里新建一个"
    return ""


def _note_use(session: Session, row: ApiToken, at: datetime) -> None:
    """At most once a minute: not a write per call, and no two calls wait for each other."""
    if row.used_at is None or at - row.used_at >= USED_EVERY:
        free = select(ApiToken.id).where(ApiToken.id == row.id).with_for_update(skip_locked=True)
        session.execute(update(ApiToken).where(ApiToken.id.in_(free)).values(used_at=at))
