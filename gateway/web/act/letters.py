"""投递消息 as somebody starts it."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from domain.letters import reading
from domain.letters.model import LetterStatus
from gateway.web.act.weighing import Weighing


def weigh(session: Session, _parameters: Mapping[str, Any], _community_id: int | None) -> Weighing:
    """How many letters wait."""
    waiting = reading.counts(session).get(LetterStatus.QUEUED, 0)
    return Weighing(
        f"把待发的 {waiting:,} 条消息发给业主和同事",
        (("待发消息", f"{waiting:,} 条"),),
        ("发出去的消息收不回来。", "已经有一个在投递时，这次会自己结束，不会重复发送。"),
    )
