"""The inbox rack: events put in as they arrive, taken in hand under a lease, settled or given up.

Nothing is acted on while it is put in, so that WeCom has its answer at once. What is in hand when
its process is killed comes up again when the lease ends: whoever handles it must bear that.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, case, func, null, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.inbox.model import InboundEvent

WAKE_CHANNEL = "inbox"
REASON_CHARS = 500
SYNC_WANTED = "wuye.staff_sync"
"""A wish of our own among WeCom's events: read the contacts now."""
HINTS = ("change_contact", SYNC_WANTED)
"""Events that name who changed, not how: two changes within a second read the same."""
MOST_AGAIN = 10
"""Somebody who plays one back makes us look again so often, and no more."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """An event at the door; `key` is a digest of its content, `sealed` the content."""

    key: str
    event: str
    change_type: str | None
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """An event in hand until `lease`; `tries` counts this one."""

    id: int
    event: str
    change_type: str | None
    sealed: bytes
    received_at: datetime
    tries: int
    lease: datetime


def put_all(session: Session, arrived: Sequence[Arrived], *, at: datetime) -> None:
    """Put events in; one that is there already is the same event, received once more.

    A hint that comes again is due again, also while it is in hand: it may be another change, made
    after the first was looked at.
    """
    if not arrived:
        return
    counts: dict[str, int] = {}
    for one in arrived:
        counts[one.key] = counts.get(one.key, 0) + 1
    once = {one.key: one for one in arrived}
    rows = insert(InboundEvent).values(
        [
            {
                "key": key, "event": once[key].event, "change_type": once[key].change_type,
                "content_sealed": once[key].sealed, "received_at": at, "not_before": at,
                "repeats": counts[key] - 1,
            }
            for key in sorted(once)  # in one order, so that two gateways never wait in a circle
        ]
    )  # fmt: skip
    session.execute(
        rows.on_conflict_do_update(
            index_elements=[InboundEvent.key],
            set_={
                "repeats": InboundEvent.repeats + rows.excluded.repeats + 1,
                **_due_again(rows.excluded),
            },
        )
    )
    wake(session)


def _due_again(new: Any) -> dict[str, Any]:
    """A hint lies there as if it had just come; anything else stays as it is."""
    again = and_(
        InboundEvent.event.in_(HINTS), InboundEvent.given_up_at.is_(None),
        InboundEvent.repeats < MOST_AGAIN,
    )  # fmt: skip
    fresh = {
        "received_at": new.received_at, "not_before": new.not_before, "tries": 0,
        "handled_at": null(), "outcome": null(), "failure_reason": null(),
    }  # fmt: skip
    return {
        name: case((again, value), else_=getattr(InboundEvent, name))
        for name, value in fresh.items()
    }


def wake(session: Session) -> None:
    """Nudge who handles the inbox when this transaction commits; the rack itself is the truth."""
    session.execute(text(f"NOTIFY {WAKE_CHANNEL}"))


def claim(session: Session, *, at: datetime, lease: datetime, limit: int) -> list[Taken]:
    """Take the oldest due events in hand; those somebody else holds are skipped."""
    due = (
        select(InboundEvent.id)
        .where(*_open(), InboundEvent.not_before <= at)
        .order_by(InboundEvent.not_before, InboundEvent.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.execute(
        update(InboundEvent)
        .where(InboundEvent.id.in_(due.scalar_subquery()))
        .values(not_before=lease, tries=InboundEvent.tries + 1)
        .returning(
            InboundEvent.id, InboundEvent.event, InboundEvent.change_type,
            InboundEvent.content_sealed, InboundEvent.received_at, InboundEvent.tries,
            InboundEvent.not_before,
        )
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    taken = [Taken(*row) for row in rows]
    return sorted(taken, key=lambda one: one.id)


def settle(session: Session, taken: Collection[Taken], outcome: str, *, at: datetime) -> None:
    """What was in hand is done, and how."""
    _close(session, taken, handled_at=at, outcome=outcome, failure_reason=None)


def fail(session: Session, one: Taken, reason: str, *, seconds: int, at: datetime) -> None:
    """Try again after so many seconds."""
    until = at + timedelta(seconds=seconds)
    _close(session, [one], failure_reason=reason[:REASON_CHARS], not_before=until)


def take_back(session: Session, *, at: datetime) -> None:
    """Whoever held the rack before is gone: what he had in hand, or put off, is due now."""
    session.execute(
        update(InboundEvent)
        .where(*_open(), InboundEvent.not_before > at)
        .values(not_before=at)
        .execution_options(synchronize_session=False)
    )


def give_up(session: Session, one: Taken, reason: str, *, at: datetime) -> None:
    """Trying again cannot help; a person may mend the cause and replay it."""
    _close(session, [one], failure_reason=reason[:REASON_CHARS], given_up_at=at)


def replay(session: Session, ids: Collection[int], *, at: datetime) -> list[int]:
    """Handle settled or given-up events afresh; the ids that were. Those still open stay."""
    closed = InboundEvent.handled_at.is_not(None) | InboundEvent.given_up_at.is_not(None)
    again = session.scalars(
        update(InboundEvent)
        .where(InboundEvent.id.in_(ids), closed)
        .values(
            not_before=at, tries=0, handled_at=None, outcome=None, given_up_at=None,
            failure_reason=None,
        )
        .returning(InboundEvent.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    found = sorted(again)
    wake(session)
    return found


def next_moment(session: Session) -> datetime | None:
    """When the first open event is due or the first lease ends; None when nothing lies there."""
    return session.scalar(select(func.min(InboundEvent.not_before)).where(*_open()))


def _open() -> tuple[Any, Any]:
    return InboundEvent.handled_at.is_(None), InboundEvent.given_up_at.is_(None)


def _close(session: Session, taken: Collection[Taken], **values: Any) -> None:
    """Only what is still in this hand: one whose lease ran out may be in another."""
    if not taken:
        return
    (lease,) = {one.lease for one in taken}
    session.execute(
        update(InboundEvent)
        .where(
            InboundEvent.id.in_([one.id for one in taken]),
            InboundEvent.not_before == lease,
            *_open(),
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )
