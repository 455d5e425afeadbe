"""Figures for monitoring: what waits, what failed. Counts only, never who."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.access.model import DeskSession
from domain.bills.model import BillRun, BillRunStatus
from domain.inbox.model import InboundEvent
from domain.letters.model import ChannelPause, Letter, LetterStatus

LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Health:
    """What waits and what failed; seconds are how long the oldest has waited."""

    letters_queued: int
    letters_oldest_seconds: float
    letters_failed_lately: int
    events_waiting: int
    events_oldest_seconds: float
    events_given_up_lately: int
    runs_awaiting_approval: int
    desk_sessions: int
    channels_resting: int


def health(session: Session, *, at: datetime, idle: timedelta) -> Health:
    """One question for all of them."""
    due = Letter.status.in_([LetterStatus.QUEUED, LetterStatus.SENDING]) & (Letter.not_before <= at)
    waiting = InboundEvent.handled_at.is_(None) & InboundEvent.given_up_at.is_(None)
    asked: Select[tuple[int, datetime | None, int, int, datetime | None, int, int, int, int]]
    asked = select(
        select(func.count()).where(due).select_from(Letter).scalar_subquery(),
        select(func.min(Letter.not_before)).where(due).scalar_subquery(),
        select(func.count()).where(
            Letter.status == LetterStatus.FAILED, Letter.failed_at > at - LATELY
        ).scalar_subquery(),
        select(func.count()).where(waiting).select_from(InboundEvent).scalar_subquery(),
        select(func.min(InboundEvent.received_at)).where(waiting).scalar_subquery(),
        select(func.count()).where(InboundEvent.given_up_at > at - LATELY).scalar_subquery(),
        select(func.count()).where(
            BillRun.status == BillRunStatus.AWAITING_APPROVAL
        ).scalar_subquery(),
        select(func.count()).where(
            DeskSession.ended_at.is_(None), DeskSession.seen_at > at - idle
        ).scalar_subquery(),
        select(func.count()).select_from(ChannelPause).scalar_subquery(),
    )  # fmt: skip
    letters, letter_since, dead, events, event_since, given_up, runs, desks, resting = (
        session.execute(asked).one()
    )
    return Health(
        letters, _waited(letter_since, at), dead, events, _waited(event_since, at), given_up,
        runs, desks, resting,
    )  # fmt: skip


def _waited(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0
