"""消息: queued, tried, sent – or failed with a reason a clerk can act on."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from domain.history.actor import Actor
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
