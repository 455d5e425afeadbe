"""The inbox as people look at it: what came, what became of it. The content stays sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from domain.inbox.model import InboundEvent

WAITING, HANDLED, GIVEN_UP = "waiting", "handled", "given_up"
STATE_NAMES = {WAITING: "待处理", HANDLED: "已处理", GIVEN_UP: "未能处理"}

_STATE = case(
    (InboundEvent.handled_at.is_not(None), HANDLED),
    (InboundEvent.given_up_at.is_not(None), GIVEN_UP),
    else_=WAITING,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One event: what it is, how often it came, where it stands and why."""

    id: int
    event: str
    change_type: str | None
    received_at: datetime
    repeats: int
    tries: int
    state: str
    outcome: str | None
    reason: str | None


def latest(session: Session, *, failed: bool, limit: int) -> Sequence[Line]:
    """The newest events; with `failed` only those given up."""
    asked = select(
        InboundEvent.id, InboundEvent.event, InboundEvent.change_type, InboundEvent.received_at,
        InboundEvent.repeats, InboundEvent.tries, _STATE, InboundEvent.outcome,
        InboundEvent.failure_reason,
    )  # fmt: skip
    if failed:
        asked = asked.where(InboundEvent.given_up_at.is_not(None))
    return [
        Line(*row) for row in session.execute(asked.order_by(InboundEvent.id.desc()).limit(limit))
    ]


def counts(session: Session) -> dict[str, int]:
    """How many events stand where."""
    rows = session.execute(select(_STATE, func.count()).group_by(_STATE))
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in STATE_NAMES}
