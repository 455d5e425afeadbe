"""Mass messages that wait for a colleague to press send: when to look, whose they are."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
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
    receiver: str


@dataclass(frozen=True, slots=True)
class ToPress:
    """How many owners wait for one colleague, and since when the longest does."""

    staff_id: int
    owners: int
    since: datetime


def due(session: Session, *, at: datetime | None, limit: int) -> list[Task]:
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


def parts(session: Session, task: Task) -> list[Part]:
    """The letters of a task whose outcome is still open, locked."""
    rows = session.execute(
        select(LetterAttempt.id, LetterAttempt.letter_id, LetterAttempt.receiver)
        .where(
            LetterAttempt.outcome == Outcome.AWAITING_STAFF,
            LetterAttempt.sender_userid == task.sender,
            LetterAttempt.message_id == task.message_id,
        )
        .order_by(LetterAttempt.letter_id)
        .with_for_update()
    )
    return [Part(*row) for row in rows]


def look_again(session: Session, message_ids: Collection[str], *, look_at: datetime) -> None:
    """Look at tasks again at a moment."""
    if message_ids:
        session.execute(
            update(LetterAttempt)
            .where(
                LetterAttempt.outcome == Outcome.AWAITING_STAFF,
                LetterAttempt.message_id.in_(message_ids),
            )
            .values(look_at=look_at)
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
