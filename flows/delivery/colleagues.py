"""Letters to colleagues: app messages, never more than WeCom delivers to one member."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from domain.letters import attempts, channels
from domain.letters.channels import Colleague
from domain.letters.model import Channel
from domain.letters.rack import Due
from flows.delivery.envelopes import Envelope
from flows.delivery.fates import Dead, Fate
from flows.delivery.postroom import PostRoom
from gateway.wecom.cards import task_id
from gateway.wecom.limits import member_free_at
from gateway.wecom.messages import ButtonCard, Message

NO_USERID = Dead("no_channel", "这位员工还没有登记企业微信账号；请在员工资料里补上，再重新发送")
LEFT = Dead("staff_left", "这位员工已经离职；请把事情交给其他同事")


def decide(
    session: Session,
    _room: PostRoom,
    written: Sequence[tuple[Due, Message]],
    fate: Fate,
    *,
    at: datetime,
) -> list[Envelope]:
    """An envelope per letter; over a member's limit it lies until there is room again.

    WeCom drops what is over the limit without a word, so what was sent is counted here.
    """
    known = channels.of_staff(session, {one.staff_id for one, _ in written if one.staff_id})
    userids = {who.userid for who in known.values() if who.userid}
    sent = attempts.sent_to_members(session, userids, at=at)
    envelopes = []
    for letter, message in written:
        who = known[letter.staff_id or 0]
        if why := _unreachable(who):
            fate.dead[why].append(letter.id)
            continue
        assert who.userid is not None
        times = sent.setdefault(who.userid.lower(), [])
        free_at = member_free_at(times, at=at)
        if free_at > at:
            fate.held[free_at].append(letter.id)
            continue
        times.insert(0, at)
        envelopes.append(
            Envelope(
                Channel.APP_MESSAGE, who.userid, None, _named(message, letter, at), (letter.id,),
                letter.tries,
            )
        )  # fmt: skip
    return envelopes


def _named(message: Message, letter: Due, at: datetime) -> Message:
    """A card with a button gets the name of this try: WeCom takes no name twice."""
    if not isinstance(message, ButtonCard):
        return message
    return replace(message, task_id=task_id(letter.id, int(at.timestamp() * 1000)))


def _unreachable(who: Colleague) -> Dead | None:
    if not who.active:
        return LEFT
    return None if who.userid else NO_USERID
