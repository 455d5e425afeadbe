"""Letters about letters: clerks hear of what did not arrive, colleagues of what to press."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from domain.clock import local_day
from domain.letters import outbox
from domain.letters.model import Letter, LetterStatus
from domain.letters.pressing import ToPress, to_press
from domain.staff import queries as staff

DEAD, PRESS = "letters.dead", "letters.press_send"
REASONS_SHOWN = 5
TOLD_WITHIN_DAYS = 3


@dataclass(frozen=True, slots=True)
class DeadHere:
    """A community's letters given up on: how many, and when the last one was."""

    community_id: int
    count: int
    last: datetime


def tell_of_dead(session: Session, *, at: datetime, quiet: timedelta) -> int:
    """Once a day per community, tell those who handle dead letters; how many letters were queued.

    Only when some have died since they were told, and none for `quiet`, so that one digest holds a
    whole bill run.
    """
    queued = 0
    for here in _dead_by_community(session):
        if here.last + quiet > at:
            continue
        people = staff.holding(session, "letters.handle", community_id=here.community_id)
        if _told(session, here, [person.id for person in people], since=here.last + quiet):
            continue
        reasons = _reasons(session, here.community_id)
        for person in people:
            queued += outbox.put(
                session, DEAD, key=_key(here, local_day(at), person.id),
                facts={"as_of": at.isoformat(), "count": here.count, "reasons": reasons},
                staff_id=person.id, community_id=here.community_id, at=at,
            )  # fmt: skip
    return queued


def remind_to_press(session: Session, *, at: datetime, after: timedelta) -> int:
    """Once a day, remind colleagues whose customers have waited for `after`; how many."""
    return sum(
        outbox.put(
            session, PRESS,
            key=f"{PRESS}:{waiting.staff_id}:{local_day(at)}",
            facts={"owners": waiting.owners, "as_of": at.isoformat()},
            staff_id=waiting.staff_id, at=at,
        )
        for waiting in _not_reminded(session, at)
        if waiting.since + after <= at
    )  # fmt: skip


def _not_reminded(session: Session, at: datetime) -> list[ToPress]:
    waiting = {f"{PRESS}:{one.staff_id}:{local_day(at)}": one for one in to_press(session)}
    told = set(session.scalars(select(Letter.key).where(Letter.key.in_(waiting))))
    return [one for key, one in waiting.items() if key not in told]


def _dead_by_community(session: Session) -> list[DeadHere]:
    rows = session.execute(
        select(Letter.community_id, func.count(), func.max(Letter.failed_at))
        .where(*_dead(), Letter.community_id.is_not(None), Letter.failed_at.is_not(None))
        .group_by(Letter.community_id)
    )
    return [DeadHere(int(where or 0), count, last) for where, count, last in rows]


def _told(session: Session, here: DeadHere, staff_ids: list[int], *, since: datetime) -> bool:
    """Whether a digest was queued since then: on the day the last letter died, or soon after."""
    days = [local_day(here.last) + timedelta(days=later) for later in range(TOLD_WITHIN_DAYS)]
    keys = [_key(here, day, staff_id) for day in days for staff_id in staff_ids]
    told = session.scalar(select(func.max(Letter.queued_at)).where(Letter.key.in_(keys)))
    return told is not None and told >= since


def _key(here: DeadHere, day: date, staff_id: int) -> str:
    return f"{DEAD}:{here.community_id}:{day}:{staff_id}"


def _reasons(session: Session, community_id: int) -> list[dict[str, object]]:
    """Why letters of a community lie there, most frequent first."""
    rows = session.execute(
        select(Letter.failure_reason, func.count())
        .where(*_dead(), Letter.community_id == community_id)
        .group_by(Letter.failure_reason)
        .order_by(func.count().desc(), Letter.failure_reason)
        .limit(REASONS_SHOWN)
    )
    return [{"reason": reason or "没有记下原因", "count": count} for reason, count in rows]


def _dead() -> tuple[ColumnElement[bool], ...]:
    """Letters given up on; digests that did not arrive themselves are not news."""
    return (Letter.status == LetterStatus.FAILED, Letter.kind.not_in([DEAD, PRESS]))
