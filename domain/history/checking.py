"""Whether the newest stretch of the audit chain holds: on a page, while somebody waits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.history.audit import GENESIS, digest
from domain.history.model import AuditEntry

MOST = 100_000
"""`wuye check ledger` walks all of it; a page walks this many, a few seconds."""


@dataclass(frozen=True, slots=True)
class Walked:
    """How many entries were looked at, since when, and the first that does not fit, if one."""

    entries: int
    whole: bool
    since: datetime | None
    broken_at: int | None


def walk(session: Session, *, most: int = MOST) -> Walked:
    """Follow the chain through its newest entries."""
    first = session.scalar(
        select(AuditEntry.id).order_by(AuditEntry.id.desc()).offset(most - 1).limit(1)
    )
    chain = select(AuditEntry).order_by(AuditEntry.id)
    previous: str | None = GENESIS
    if first is not None:
        chain = chain.where(AuditEntry.id >= first)
        before = select(AuditEntry.hash).where(AuditEntry.id < first)
        previous = session.scalar(before.order_by(AuditEntry.id.desc()).limit(1)) or GENESIS
    count, since = 0, None
    for one in session.scalars(chain.execution_options(yield_per=2000)):
        if one.previous_hash != previous or digest(one) != one.hash:
            return Walked(count, first is None, since, one.id)
        previous, count, since = one.hash, count + 1, since or one.at
    return Walked(count, first is None, since, None)
