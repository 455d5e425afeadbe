"""Attempts to deliver: written before the call, settled after it, counted against the limits."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Text,
    and_,
    column,
    delete,
    func,
    insert,
    or_,
    select,
    update,
    values,
)
from sqlalchemy.orm import Session

from domain.clock import local_day, start_of
from domain.letters.model import Channel, LetterAttempt, Outcome

HAD_ANOTHER = "3"
"""`reply_code` of a mass message the customer did not get because he had another one that day."""

REPLY_CHARS = 500


@dataclass(frozen=True, slots=True)
class Unsettled:
    """A try whose outcome nobody knows: the call was made, or the process died around it."""

    id: int
    letter_id: int
    receiver: str
    sender: str | None
    message: dict[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True)
class Try:
    """A try about to be made. `sender`: who presses send for a mass message."""

    letter_id: int
    channel: Channel
    receiver: str
    sender: str | None
    message: dict[str, Any]


def unsettled(session: Session, letter_ids: Collection[int]) -> dict[int, Unsettled]:
    """The open try of each letter that has one."""
    rows = session.execute(
        select(
            LetterAttempt.id, LetterAttempt.letter_id, LetterAttempt.receiver,
            LetterAttempt.sender_userid, LetterAttempt.message, LetterAttempt.at,
        ).where(
            LetterAttempt.letter_id.in_(letter_ids),
            LetterAttempt.outcome == Outcome.UNKNOWN,
            LetterAttempt.settled_at.is_(None),
        )
    )  # fmt: skip
    return {row.letter_id: Unsettled(*row) for row in rows}


def begin(session: Session, tries: Sequence[Try], *, at: datetime) -> dict[int, int]:
    """Write tries down before they are made; their ids by letter."""
    if not tries:
        return {}
    numbers = _numbers(session, [one.letter_id for one in tries])
    rows = session.execute(
        insert(LetterAttempt).returning(LetterAttempt.letter_id, LetterAttempt.id),
        [
            {
                "letter_id": one.letter_id, "number": numbers[one.letter_id] + 1,
                "channel": one.channel, "outcome": Outcome.UNKNOWN, "receiver": one.receiver,
                "sender_userid": one.sender, "message": one.message, "at": at,
            }
            for one in tries
        ],
    )  # fmt: skip
    return {row.letter_id: row.id for row in rows}


def _numbers(session: Session, letter_ids: Collection[int]) -> Mapping[int, int]:
    rows = session.execute(
        select(LetterAttempt.letter_id, func.max(LetterAttempt.number))
        .where(LetterAttempt.letter_id.in_(letter_ids))
        .group_by(LetterAttempt.letter_id)
    )
    return defaultdict(int, {row[0]: row[1] for row in rows})


def settle(
    session: Session,
    ids: Collection[int],
    outcome: Outcome,
    *,
    at: datetime,
    code: str | int | None = None,
    reply: str | None = None,
) -> None:
    """Write how tries ended, all alike."""
    session.execute(
        update(LetterAttempt)
        .where(LetterAttempt.id.in_(ids))
        .values(
            outcome=outcome, settled_at=at, look_at=None,
            reply_code=None if code is None else str(code),
            reply=reply[:REPLY_CHARS] if reply else None,
        )
    )  # fmt: skip


def accepted(session: Session, message_ids: Mapping[int, str], *, at: datetime) -> None:
    """App messages that WeCom took, by try: with that they are sent."""
    _take_message_ids(session, message_ids, outcome=Outcome.SENT, settled_at=at)


def keep_codes(session: Session, codes: Mapping[int, str]) -> None:
    """What allows to change cards that were sent, by try; few, for few letters have buttons."""
    for attempt_id, code in codes.items():
        session.execute(
            update(LetterAttempt)
            .where(LetterAttempt.id == attempt_id)
            .values(response_code=code)
            .execution_options(synchronize_session=False)
        )


def await_staff(session: Session, message_ids: Mapping[int, str], *, look_at: datetime) -> None:
    """Mass messages that WeCom made a task of, by try: now a colleague must press send."""
    _take_message_ids(session, message_ids, outcome=Outcome.AWAITING_STAFF, look_at=look_at)


def _take_message_ids(session: Session, message_ids: Mapping[int, str], **also: Any) -> None:
    if not message_ids:
        return
    known = values(column("id", BigInteger), column("message_id", Text), name="known")
    known = known.data(list(message_ids.items()))
    session.execute(
        update(LetterAttempt)
        .where(LetterAttempt.id == known.c.id)
        .values(message_id=known.c.message_id, **also)
        .execution_options(synchronize_session=False)
    )


def unmade(session: Session, ids: Collection[int]) -> None:
    """Forget tries that were written down but never made."""
    session.execute(delete(LetterAttempt).where(LetterAttempt.id.in_(ids)))


def sent_to_members(
    session: Session, userids: Collection[str], *, at: datetime
) -> dict[str, list[datetime]]:
    """When app messages went to members in the hour before `at`, newest first, by lower-case id.

    One whose outcome is not known counts as sent now: it may be on its way.
    """
    gone = func.coalesce(LetterAttempt.settled_at, at)
    rows = session.execute(
        select(func.lower(LetterAttempt.receiver), gone)
        .where(
            LetterAttempt.receiver.in_(userids),
            LetterAttempt.channel == Channel.APP_MESSAGE,
            LetterAttempt.at > at - timedelta(days=1),
            gone > at - timedelta(hours=1),
            LetterAttempt.outcome.in_([Outcome.SENT, Outcome.UNKNOWN]),
        )
        .order_by(gone.desc())
    )
    times: dict[str, list[datetime]] = defaultdict(list)
    for userid, moment in rows:
        times[userid].append(moment)
    return times


@dataclass(frozen=True, slots=True)
class MassPast:
    """A customer's mass messages: the days of this month he had one, and whether one waits."""

    days: tuple[date, ...] = ()
    waiting: bool = False


def mass_past(session: Session, customers: Collection[str], *, at: datetime) -> dict[str, MassPast]:
    """What customers had as mass messages since the first of the month, ours or a colleague's own."""
    month = start_of(local_day(at).replace(day=1))
    open_ = or_(
        LetterAttempt.outcome == Outcome.AWAITING_STAFF,
        and_(LetterAttempt.outcome == Outcome.UNKNOWN, LetterAttempt.settled_at.is_(None)),
    )
    had = or_(LetterAttempt.outcome == Outcome.SENT, LetterAttempt.reply_code == HAD_ANOTHER)
    rows = session.execute(
        select(LetterAttempt.receiver, LetterAttempt.settled_at, open_)
        .where(
            LetterAttempt.receiver.in_(customers),
            LetterAttempt.channel == Channel.MASS_MESSAGE,
            or_(open_, and_(had, LetterAttempt.settled_at >= month)),
        )
        .distinct()
    )
    days, waiting = defaultdict(list), set()
    for customer, settled_at, is_open in rows:
        if is_open:
            waiting.add(customer)
        else:
            days[customer].append(local_day(settled_at))
    return {who: MassPast(tuple(days[who]), who in waiting) for who in customers}


def message_ids(session: Session, receivers: Collection[str]) -> set[str]:
    """The WeCom messages to these receivers that we know of."""
    found = session.scalars(
        select(LetterAttempt.message_id).where(
            LetterAttempt.receiver.in_(receivers), LetterAttempt.message_id.is_not(None)
        )
    )
    return {one for one in found if one}
