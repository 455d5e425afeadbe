"""A button of a card was pressed: the first is noted, everybody's card says how things stand."""

from datetime import datetime

from sqlalchemy.orm import Session

from domain.access import access
from domain.inbox import cards
from domain.inbox.cards import ASKING, Asked
from domain.session import transaction
from domain.staff.model import Staff
from domain.staff.queries import member
from flows.incoming.backroom import BackRoom
from flows.incoming.events import Event
from gateway.wecom.approval_card import CLAIM
from gateway.wecom.cards import close_card, letter_of
from gateway.wecom.errors import Retry, verdict
from gateway.wecom.faults import WeComFault

UNKNOWN = "不是本系统发出的卡片"
STRANGER = "您不在员工名单里"
NO_RIGHT = "您已没有审批权限"
AT_ONCE = 50


def pressed(room: BackRoom, event: Event) -> str:
    """Write down who was first, then let this colleague's card say it. What was done."""
    userid, code = event.fact("FromUserName"), event.fact("ResponseCode")
    with transaction(room.engine) as session:
        words = _words(session, event, userid, at=room.now())
    if words is None:
        return UNKNOWN
    changed = bool(code) and close_card(room.app, userid, code, words)
    return f"卡片显示「{words}」" if changed else f"「{words}」，卡片已不能更新"


def close_decided(room: BackRoom) -> int:
    """Let the cards of decided runs say so; how many. What WeCom is too busy for waits."""
    with transaction(room.engine) as session:
        found = cards.to_close(session, at=room.now(), limit=AT_ONCE)
    closed, spent = 0, []
    for one in found:
        try:
            closed += close_card(room.app, one.userid, one.code, one.words)
        except WeComFault as fault:
            if isinstance(verdict(fault), Retry):
                break
        spent.append(one.attempt_id)
    if spent:
        with transaction(room.engine) as session:
            cards.spent(session, spent)
    return closed


def _words(session: Session, event: Event, userid: str, *, at: datetime) -> str | None:
    """What the card says now; None for a card of somebody else's making."""
    letter_id = letter_of(event.fact("TaskId"))
    about = cards.asked(session, letter_id) if letter_id else None
    if about is None or about.kind != ASKING or event.fact("EventKey") != CLAIM:
        return None
    person = member(session, userid)
    if person is None:
        return STRANGER
    return _claimed(session, about, person, at=at)


def _claimed(session: Session, about: Asked, person: Staff, *, at: datetime) -> str:
    """Rights are those of this moment, not of the moment the card was sent."""
    rights = access.of(session, person)
    if not rights.may("bills.approve", community_id=about.community_id):
        return NO_RIGHT
    run_id = int(about.facts["run"])
    if decided := cards.decided_words(session, run_id):
        return decided
    first = cards.answer(session, f"bill_run:{run_id}:{CLAIM}", CLAIM, person, at=at)
    return cards.taken_words(first)
