"""消息: queued, tried, sent – or failed with a reason a clerk can act on.

The delivery moves letters in sets. While it has letters in hand `not_before` is the end of its
lease; a verb that is given the lease moves only letters still held under it, so that somebody who
was too slow changes nothing of what another has taken over.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from domain.history.actor import Actor
from domain.letters import outbox
from domain.letters.model import Letter
from domain.letters.model import LetterStatus as S
from statemachines.engine import allowed, fire, fire_many, lifecycle, locked

LETTER = lifecycle(
    "消息",
    Letter,
    statuses={
        S.QUEUED: "待发送",
        S.SENDING: "发送中",
        S.SENT: "已送达",
        S.OPENED: "已打开",
        S.FAILED: "未送达",
        S.SUPERSEDED: "已被取代",
    },
    verbs={
        "claim": "领取",
        "retry": "稍后再试",
        "deliver": "送达",
        "open": "打开",
        "fail": "放弃",
        "supersede": "取代",
        "requeue": "重新发送",
    },
    rows=[
        dict(trigger="claim", source=S.QUEUED, dest=S.SENDING),
        dict(trigger="retry", source=S.SENDING, dest=S.QUEUED),
        dict(trigger="deliver", source=S.SENDING, dest=S.SENT),
        dict(trigger="open", source=[S.SENDING, S.SENT], dest=S.OPENED),
        dict(trigger="fail", source=S.SENDING, dest=S.FAILED),
        dict(trigger="supersede", source=S.QUEUED, dest=S.SUPERSEDED),
        dict(trigger="requeue", source=S.FAILED, dest=S.QUEUED),
    ],
)


def claim(
    session: Session, ids: Collection[int], *, until: datetime, by: Actor, at: datetime
) -> int:
    """Take letters in hand until the lease ends; how many."""
    return _move(session, "claim", ids, by=by, at=at, also={"not_before": until})


def deliver(
    session: Session,
    ids: Collection[int],
    *,
    sent_at: datetime,
    by: Actor,
    at: datetime,
    lease: datetime | None = None,
) -> int:
    """They went out; how many."""
    return _move(session, "deliver", ids, by=by, at=at, lease=lease, also={"sent_at": sent_at})


def retry(
    session: Session,
    ids: Collection[int],
    *,
    not_before: datetime,
    by: Actor,
    at: datetime,
    note: str,
    charged: bool = True,
    lease: datetime | None = None,
) -> int:
    """Put letters back for later; a try is charged where the letter itself was at fault."""
    also: dict[str, Any] = {"not_before": not_before}
    if charged:
        also["tries"] = Letter.tries + 1
    return _move(session, "retry", ids, by=by, at=at, lease=lease, note=note, also=also)


def give_up(
    session: Session,
    ids: Collection[int],
    *,
    code: str,
    reason: str,
    by: Actor,
    at: datetime,
    lease: datetime | None = None,
) -> int:
    """Lay letters among the dead ones with a reason a clerk can act on; how many."""
    also = {
        "failed_at": at, "failure_code": code, "failure_reason": reason, "tries": Letter.tries + 1,
    }  # fmt: skip
    return _move(session, "fail", ids, by=by, at=at, lease=lease, note=reason, also=also)


def requeue(session: Session, *where: ColumnElement[bool], by: Actor, at: datetime) -> int:
    """Try dead letters of the set afresh, now; what happened to them before stays in the history."""
    fresh = {
        "not_before": at, "tries": 0, "failed_at": None, "failure_code": None,
        "failure_reason": None,
    }  # fmt: skip
    moved = fire_many(session, LETTER, "requeue", *where, by=by, at=at, also=fresh)
    outbox.wake(session)
    return moved


def send_again(session: Session, letter_id: int, *, by: Actor, at: datetime) -> Letter:
    """Try one dead letter afresh, or refuse with what it is now."""
    letter: Letter = locked(session, Letter, letter_id)
    if not requeue(session, Letter.id == letter_id, by=by, at=at):
        fire(session, LETTER, letter, "requeue", by=by, at=at)  # says why it cannot be
    return letter


def supersede(
    session: Session, *where: ColumnElement[bool], by: Actor, at: datetime, note: str
) -> int:
    """Withdraw letters of the set that nobody has been told yet; how many."""
    return fire_many(session, LETTER, "supersede", *where, by=by, at=at, note=note)


def mark_opened(session: Session, letter_id: int, *, by: Actor, at: datetime) -> Letter:
    """Note that the receiver has opened what a letter linked to; the first time counts."""
    letter: Letter = locked(session, Letter, letter_id)
    if allowed(LETTER, "open", letter.status):
        letter.opened_at = at
        fire(session, LETTER, letter, "open", by=by, at=at)
    return letter


def _move(
    session: Session,
    verb: str,
    ids: Collection[int],
    *,
    by: Actor,
    at: datetime,
    also: dict[str, Any],
    lease: datetime | None = None,
    note: str | None = None,
) -> int:
    if not ids:
        return 0
    held = [] if lease is None else [Letter.not_before == lease]
    where = [Letter.id.in_(ids), *held]
    return fire_many(session, LETTER, verb, *where, by=by, at=at, also=also, note=note)
