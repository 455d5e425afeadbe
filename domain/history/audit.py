"""The audit chain: each entry hashes its content and the entry before, so a gap or edit shows."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.history import places
from domain.history.actor import Actor
from domain.history.model import AuditEntry

GENESIS = "0" * 64
CHAIN_LOCK = 7_031_500  # one writer at a time: the order of the chain is the order of the table


def record(
    session: Session,
    action: str,
    *,
    subject: str,
    subject_id: int | None,
    by: Actor,
    at: datetime,
    **detail: Any,
) -> AuditEntry:
    """Append one entry. `detail` holds JSON values without personal data."""
    session.execute(select(func.pg_advisory_xact_lock(CHAIN_LOCK)))
    previous = session.scalar(select(AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1))
    entry = AuditEntry(
        at=at,
        actor_kind=by.kind,
        actor_id=by.id,
        actor_name=by.name,
        action=action,
        subject=subject,
        subject_id=subject_id,
        detail=detail,
        previous_hash=previous or GENESIS,
        token_id=by.token_id,
    )
    entry.hash = digest(entry)
    session.add(entry)
    session.flush()
    places.note(session, entry)
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 over the entry's content and its predecessor's hash, as hex.

    A token counts only where there is one, so that entries older than tokens keep their hash.
    """
    content = [
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_kind,
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.subject,
        entry.subject_id,
        entry.detail,
        entry.previous_hash,
        *([entry.token_id] if entry.token_id is not None else []),
    ]
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def broken_at(session: Session) -> int | None:
    """The id of the first entry that does not fit the chain, or None when it holds."""
    previous = GENESIS
    for entry in session.scalars(
        select(AuditEntry).order_by(AuditEntry.id).execution_options(yield_per=2000)
    ):
        if entry.previous_hash != previous or digest(entry) != entry.hash:
            return entry.id
        previous = entry.hash
    return None
