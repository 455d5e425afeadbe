"""Why a letter that has not gone out still waits, and until when: what a clerk asks first."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.history.model import StatusChange
from domain.letters import attempts, channels, pauses
from domain.letters.attempts import MassPast
from domain.letters.model import Channel, Letter, LetterAttempt, LetterStatus, Outcome
from domain.letters.pauses import Pause
from domain.staff.model import Staff

Why = Literal[
    "to_press", "in_hand", "channel_rests", "another_to_press", "another_under_way",
    "had_one_today", "had_enough_this_month", "tried_before", "later", "next", "nobody_delivers",
]  # fmt: skip
SOON = timedelta(minutes=10)
"""A letter that is due goes out within it, or nobody delivers."""


@dataclass(frozen=True, slots=True)
class Wait:
    """Why, until when it is looked at again, who is to press send, since when, and what was said."""

    why: Why
    until: datetime | None = None
    who: str = ""
    since: datetime | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Quota:
    """How many mass messages one owner gets."""

    per_day: int
    per_month: int


@dataclass(frozen=True, slots=True)
class _Known:
    """What the reasons of some letters are told from; each looked up once for all of them."""

    resting: Mapping[Channel, Pause]
    customers: Mapping[int, str]
    past: Mapping[str, MassPast]
    pressers: Mapping[str | int, tuple[str, datetime]]
    tried: Mapping[int, str]


def reasons(
    session: Session, letter_ids: Collection[int], *, quota: Quota, at: datetime
) -> dict[int, Wait]:
    """Of these letters those that wait, each with its reason; a bounded number of queries."""
    rows = session.execute(
        select(Letter.id, Letter.status, Letter.not_before, Letter.person_id).where(
            Letter.id.in_(letter_ids),
            Letter.status.in_([LetterStatus.QUEUED, LetterStatus.SENDING]),
        )
    ).all()
    if not rows:
        return {}
    known = _look_up(session, rows, at)
    return {row.id: _why(row, known, quota, at) for row in rows}


def _look_up(session: Session, rows: Sequence[Any], at: datetime) -> _Known:
    ids = [row.id for row in rows]
    contacts = channels.of_people(session, {row.person_id for row in rows if row.person_id})
    customers = {person: contact.external_userid for person, contact in contacts.items()}
    return _Known(
        pauses.standing(session),
        customers,
        attempts.mass_past(session, set(customers.values()), at=at),
        _pressers(session, ids, customers.values()),
        _tried(session, ids),
    )


def _pressers(
    session: Session, ids: Collection[int], customers: Collection[str]
) -> dict[str | int, tuple[str, datetime]]:
    """Who has to press send and since when: by letter, and by customer."""
    name = func.coalesce(Staff.name, LetterAttempt.sender_userid, "")
    rows = session.execute(
        select(LetterAttempt.letter_id, LetterAttempt.receiver, name, LetterAttempt.at)
        .outerjoin(Staff, func.lower(Staff.wecom_userid) == func.lower(LetterAttempt.sender_userid))
        .where(
            LetterAttempt.outcome == Outcome.AWAITING_STAFF,
            or_(LetterAttempt.letter_id.in_(ids), LetterAttempt.receiver.in_(customers)),
        )
    )
    found: dict[str | int, tuple[str, datetime]] = {}
    for letter_id, customer, who, since in rows:
        found[letter_id] = found[customer] = (who, since)
    return found


def _tried(session: Session, ids: Collection[int]) -> dict[int, str]:
    """Why letters were put back the last time."""
    rows = session.execute(
        select(StatusChange.thing_id, StatusChange.note)
        .where(
            StatusChange.thing == Letter.__tablename__, StatusChange.thing_id.in_(ids),
            StatusChange.verb == "retry",
        )
        .order_by(StatusChange.id)
    )  # fmt: skip
    return {letter_id: note or "" for letter_id, note in rows}


def _why(row: Any, known: _Known, quota: Quota, at: datetime) -> Wait:
    if row.status is LetterStatus.SENDING:
        who, since = known.pressers.get(row.id, ("", None))
        return Wait("to_press", who=who, since=since) if since else Wait("in_hand")
    channel = Channel.MASS_MESSAGE if row.person_id else Channel.APP_MESSAGE
    pause = known.resting.get(channel)
    if pause and pause.until > at:
        return Wait("channel_rests", max(pause.until, row.not_before), note=pause.reason)
    until = row.not_before if row.not_before > at else None
    customer = known.customers.get(row.person_id or 0, "")
    return _owners_turn(known, customer, quota, until, at) or _its_own_turn(row, known, until, at)


def _owners_turn(
    known: _Known, customer: str, quota: Quota, until: datetime | None, at: datetime
) -> Wait | None:
    """What the owner's other messages have to do with it."""
    past = known.past.get(customer, MassPast())
    if past.waiting:
        who, since = known.pressers.get(customer, ("", None))
        return Wait("another_to_press" if since else "another_under_way", until, who, since)
    today = local_day(at)
    if past.days.count(today) >= quota.per_day:
        return Wait("had_one_today", until)
    if len(past.days) >= quota.per_month:
        return Wait("had_enough_this_month", until)
    return None


def _its_own_turn(row: Any, known: _Known, until: datetime | None, at: datetime) -> Wait:
    if until and (note := known.tried.get(row.id)):
        return Wait("tried_before", until, note=note)
    if until:
        return Wait("later", until)
    return Wait("nobody_delivers" if row.not_before + SOON < at else "next", since=row.not_before)
