"""The rack as the delivery sees it: what is due, what was left lying, when to look again."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, select, update
from sqlalchemy.orm import Session

from domain.letters.model import Channel, Letter, LetterAttempt, LetterStatus, Outcome


@dataclass(frozen=True, slots=True)
class Due:
    """A queued letter as it is about to be written; for a colleague or for a person."""

    id: int
    kind: str
    facts: dict[str, Any]
    queued_at: datetime
    tries: int
    community_id: int | None
    staff_id: int | None
    person_id: int | None


def due(session: Session, channel: Channel, *, at: datetime, limit: int) -> list[Due]:
    """The oldest letters that may go out, locked; letters another deliverer holds are skipped."""
    oldest = _queued(goes_by(channel), Letter.not_before <= at)
    oldest = oldest.order_by(Letter.not_before, Letter.id).limit(limit)
    return _locked(session, oldest)


def also_for(
    session: Session, person_ids: Collection[int], *, besides: Collection[int]
) -> list[Due]:
    """Whatever else is queued for these people, locked: it travels with what is due.

    Not a letter whose last try may have arrived: that one is repeated or found, word for word.
    """
    unsettled = exists().where(
        LetterAttempt.letter_id == Letter.id,
        LetterAttempt.outcome == Outcome.UNKNOWN,
        LetterAttempt.settled_at.is_(None),
    )
    theirs = _queued(Letter.person_id.in_(person_ids), Letter.id.not_in(besides), ~unsettled)
    return _locked(session, theirs.order_by(Letter.id))


def left_lying(session: Session, channel: Channel, *, at: datetime, limit: int) -> list[int]:
    """Letters in hand whose lease ran out: whoever had them is gone. Locked."""
    waiting = exists().where(
        LetterAttempt.letter_id == Letter.id, LetterAttempt.outcome == Outcome.AWAITING_STAFF
    )
    ids = (
        select(Letter.id)
        .where(
            Letter.status == LetterStatus.SENDING, goes_by(channel), Letter.not_before <= at,
            ~waiting,
        )
        .order_by(Letter.not_before, Letter.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )  # fmt: skip
    return list(session.scalars(ids))


def postpone(session: Session, ids: Collection[int], *, until: datetime) -> None:
    """Let queued letters lie until a moment; their state does not change."""
    if ids:
        session.execute(
            update(Letter)
            .where(Letter.id.in_(ids), Letter.status == LetterStatus.QUEUED)
            .values(not_before=until)
        )


def wait_for_press(
    session: Session, ids: Collection[int], *, lease: datetime, until: datetime
) -> None:
    """Keep letters held under a lease while a colleague has them to send, at the longest `until`."""
    if ids:
        session.execute(
            update(Letter)
            .where(Letter.id.in_(ids), Letter.not_before == lease)
            .values(not_before=until)
        )


def tried(session: Session, ids: Collection[int], *, times: int) -> list[int]:
    """Which of these letters have been tried so often."""
    return list(session.scalars(select(Letter.id).where(Letter.id.in_(ids), Letter.tries >= times)))


def note_sent(session: Session, ids: Collection[int], *, at: datetime) -> None:
    """When letters went out that their receivers opened before we knew."""
    if ids:
        session.execute(
            update(Letter)
            .where(Letter.id.in_(ids), Letter.status == LetterStatus.OPENED)
            .where(Letter.sent_at.is_(None))
            .values(sent_at=at)
        )


def next_moment(session: Session, channel: Channel) -> datetime | None:
    """When the first queued letter is due or the first lease ends; None when nothing lies there."""
    open_ = (LetterStatus.QUEUED, LetterStatus.SENDING)
    return session.scalar(
        select(func.min(Letter.not_before)).where(Letter.status.in_(open_), goes_by(channel))
    )


def goes_by(channel: Channel) -> ColumnElement[bool]:
    """Letters that this channel carries: app messages reach colleagues, mass messages owners."""
    if channel is Channel.APP_MESSAGE:
        return Letter.staff_id.is_not(None)
    assert channel is Channel.MASS_MESSAGE, f"{channel} is not delivered by us"
    return Letter.person_id.is_not(None)


def _queued(*where: ColumnElement[bool]) -> Select[Any]:
    return select(
        Letter.id, Letter.kind, Letter.facts, Letter.queued_at, Letter.tries,
        Letter.community_id, Letter.staff_id, Letter.person_id,
    ).where(Letter.status == LetterStatus.QUEUED, *where)  # fmt: skip


def _locked(session: Session, found: Select[Any]) -> list[Due]:
    return [Due(*row) for row in session.execute(found.with_for_update(skip_locked=True))]
