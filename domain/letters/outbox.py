"""Putting letters in the rack: in the same commit as what they tell, once per key."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.letters.model import Letter

WAKE_CHANNEL = "letters"


def put(
    session: Session,
    kind: str,
    *,
    key: str,
    facts: dict[str, Any],
    at: datetime,
    person_id: int | None = None,
    staff_id: int | None = None,
    community_id: int | None = None,
) -> bool:
    """Queue one letter; False when a letter with this key is already in the rack.

    `facts` are ids, amounts and ISO dates, never names or phones.
    """
    written = session.execute(
        insert(Letter)
        .values(
            kind=kind, key=key, facts=facts, person_id=person_id, staff_id=staff_id,
            community_id=community_id, queued_at=at, not_before=at,
        )
        .on_conflict_do_nothing(index_elements=[Letter.key])
    )  # fmt: skip
    wake(session)
    return bool(written.rowcount)  # type: ignore[attr-defined]


def wake(session: Session) -> None:
    """Nudge the delivery flow when this transaction commits; the rack itself is the truth."""
    session.execute(text(f"NOTIFY {WAKE_CHANNEL}"))
