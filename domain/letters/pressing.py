"""Mass messages that wait for a colleague to press send: when to look, whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import DateTime, func, literal, select, update
from sqlalchemy.orm import Session

from domain.letters.model import LetterAttempt, Outcome
from domain.staff.model import Staff


@dataclass(frozen=True, slots=True)
class Task:
    """A mass message at one colleague's, made at `since`."""

    sender: str
    message_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """One letter that travels in a task."""

    attempt_id: int
    letter_id: int
    message_id: str
    receiver: str
    sender: str


@dataclass(frozen=True, slots=True)
class ToPress:
    """How many owners wait for one colleague, and since when the longest does."""

    staff_id: int
    owners: int
    since: datetime


def due(session: Session, *, at: datetime | None, limit: int | None) -> list[Task]:
    """Tasks to look at by now, longest due first; without `at` all there are."""
    by_task = (
        select(
            LetterAttempt.sender_userid, LetterAttempt.message_id, func.min(LetterAttempt.at)
        )
        .where(LetterAttempt.outcome == Outcome.AWAITING_STAFF)
        .group_by(LetterAttempt.sender_userid, LetterAttempt.message_id)
        .order_by(func.min(LetterAttempt.look_at), func.min(LetterAttempt.id))
        .limit(limit)
    )  # fmt: skip
    if at is not None:
        by_task = by_task.where(LetterAttempt.look_at <= at)
    return [Task(str(sender), str(message), since) for sender, message, since in
            session.execute(by_task)]  # fmt: skip


def next_look(session: Session) -> datetime | None:
    """When the next task is to be looked at."""
    return session.scalar(
        select(func.min(LetterAttempt.look_at)).where(
            LetterAttempt.outcome == Outcome.AWAITING_STAFF
        )
    )


def parts(session: Session, message_ids: Collection[str]) -> list[Part]:
    """The letters of tasks whose outcome is still open, locked."""
    rows = session.execute(
        select(
            LetterAttempt.id, LetterAttempt.letter_id, LetterAttempt.message_id,
            LetterAttempt.receiver, LetterAttempt.sender_userid,
        )
        .where(
            LetterAttempt.outcome == Outcome.AWAITING_STAFF,
            LetterAttempt.message_id.in_(message_ids),
        )
        .order_by(LetterAttempt.letter_id)
        .with_for_update()
    )  # fmt: skip
    return [Part(*row) for row in rows]


def look_again(
    session: Session,
    message_ids: Collection[str],
    *,
    at: datetime,
    soonest: timedelta,
    latest: timedelta,
) -> None:
    """Look at tasks again after a quarter of the time they have waited, between two bounds."""
    if message_ids:
        waited = literal(at, DateTime(timezone=True)) - LetterAttempt.at
        pause = func.least(func.greatest(waited / 4, soonest), latest)
        session.execute(
            update(LetterAttempt)
            .where(
                LetterAttempt.outcome == Outcome.AWAITING_STAFF,
                LetterAttempt.message_id.in_(message_ids),
            )
            .values(look_at=literal(at, DateTime(timezone=True)) + pause)
            .execution_options(synchronize_session=False)
        )


def look_soon(session: Session, senders: Collection[str], *, by: datetime) -> None:
    """These colleagues are pressing send right now: look at all their tasks by a moment."""
    if senders:
        session.execute(
            update(LetterAttempt)
            .where(
                LetterAttempt.outcome == Outcome.AWAITING_STAFF,
                LetterAttempt.sender_userid.in_(senders),
                LetterAttempt.look_at > by,
            )
            .values(look_at=by)
        )


def waiting_for(session: Session, staff_id: int) -> int:
    """How many owners wait for this colleague to press send."""
    mine = select(func.lower(Staff.wecom_userid)).where(Staff.id == staff_id).scalar_subquery()
    found = select(func.count(LetterAttempt.receiver.distinct())).where(
        LetterAttempt.outcome == Outcome.AWAITING_STAFF,
        func.lower(LetterAttempt.sender_userid) == mine,
    )
    return session.scalar(found) or 0


def to_press(session: Session) -> list[ToPress]:
    """Colleagues who have something to press, known to us by their WeCom id."""
    rows = session.execute(
        select(
            Staff.id, func.count(LetterAttempt.receiver.distinct()), func.min(LetterAttempt.at)
        )
        .join(Staff, func.lower(Staff.wecom_userid) == func.lower(LetterAttempt.sender_userid))
        .where(LetterAttempt.outcome == Outcome.AWAITING_STAFF, Staff.active)
        .group_by(Staff.id)
        .order_by(Staff.id)
    )  # fmt: skip
    return [ToPress(*row) for row in rows]
