"""Stamping: what came back from WeCom is written down, many letters in one transaction."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from domain.letters import attempts, channels, pauses, rack
from domain.letters.model import Channel, Outcome
from domain.letters.pauses import Pause
from domain.session import transaction
from flows.delivery.envelopes import Envelope
from flows.delivery.fates import Dead
from flows.delivery.posting import NotMade, Posted
from flows.delivery.postroom import BY, PostRoom, next_morning
from flows.delivery.tally import Tally
from gateway.wecom.errors import Refused, Retry, Scope, Sent
from statemachines import letter as machine

NOT_FRIENDS = frozenset({40096, 84061})
NO_SENDER = frozenset({40003, 60111})
NOT_MADE = "没有发出，放回待发"
UNSURE = Dead(
    "no_answer", "企业微信多次没有回应，消息可能已送达；请向收件人核实后再决定是否重新发送"
)
KEPT_BUSY = "企业微信多次没有接受这条消息，已停止重试；请稍后重新发送"
FOLLOWER_LEFT = "跟进这位业主的员工已不在企业微信里；请让业主重新扫码，由其他员工跟进"
NOT_REACHED = Dead("81013", "收件员工不在企业微信里，或不在应用的可见范围内；请核对企业微信账号")
UNLICENSED = Dead("unlicensed", "这位员工没有企业微信接口许可；请管理员购买或分配后重新发送")
LEFT_OUT = "企业微信没有把这位业主列入群发：已不是好友，或今天、本月的群发已满"


@dataclass
class _Stamps:
    """The outcomes of one transaction, gathered by what has to be written."""

    accepted: list[tuple[Envelope, str]] = field(default_factory=list)
    codes: dict[int, str] = field(default_factory=dict)
    again: defaultdict[tuple[datetime, str, bool], list[Envelope]] = field(
        default_factory=lambda: defaultdict(list)
    )
    dead: defaultdict[Dead, list[Envelope]] = field(default_factory=lambda: defaultdict(list))
    unmade: list[int] = field(default_factory=list)
    failed: defaultdict[tuple[str, str], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    given_up_unsure: list[int] = field(default_factory=list)


def stamp(
    room: PostRoom,
    channel: Channel,
    posted: Sequence[Posted],
    *,
    lease: datetime,
    trouble: Pause | None,
    silent: bool = False,
) -> Tally:
    """Write down how envelopes fared; pause the channel, or end its trouble.

    `silent`: an earlier portion of the same posting paused it already.
    """
    at = room.now()
    tally = Tally()
    stamps = _Stamps()
    for envelope, outcome in posted:
        _sort(room, stamps, envelope, outcome, at)
    with transaction(room.engine) as session:
        _write_accepted(session, room, channel, stamps, tally, lease, at)
        _write_again(session, stamps, tally, lease, at)
        _write_dead(session, stamps, tally, lease, at)
        _write_tries(session, stamps, at)
        if not silent:
            _write_channel(session, room, channel, posted, trouble, tally, at)
    return tally


def _sort(
    room: PostRoom, stamps: _Stamps, envelope: Envelope, outcome: object, at: datetime
) -> None:
    match outcome:
        case NotMade():
            if not envelope.since:
                stamps.unmade += envelope.attempts
            stamps.again[at, NOT_MADE, False].append(envelope)
        case Sent():
            _sort_sent(room, stamps, envelope, outcome, at)
        case Retry():
            _sort_retry(room, stamps, envelope, outcome, at)
        case Refused(scope=Scope.APP):
            _failed(stamps, envelope, outcome)
            stamps.again[at, outcome.reason, False].append(envelope)
        case Refused():
            stamps.dead[_why(envelope, outcome)].append(envelope)
            stamps.failed[str(outcome.code or ""), outcome.detail] += envelope.attempts


def _sort_sent(
    room: PostRoom, stamps: _Stamps, envelope: Envelope, outcome: Sent, at: datetime
) -> None:
    """Accepted, though perhaps not for this receiver."""
    if outcome.unlicensed:
        stamps.dead[UNLICENSED].append(envelope)
        stamps.failed[UNLICENSED.code, outcome.msgid] += envelope.attempts
    elif not outcome.invalid:
        stamps.accepted.append((envelope, outcome.msgid))
        if outcome.response_code:
            stamps.codes |= dict.fromkeys(envelope.attempts, outcome.response_code)
    elif envelope.channel is Channel.APP_MESSAGE:
        stamps.dead[NOT_REACHED].append(envelope)
        stamps.failed[NOT_REACHED.code, outcome.msgid] += envelope.attempts
    else:
        left_out = Dead("41048", f"{LEFT_OUT}；请让业主重新扫码添加，或打印纸质账单")
        _later(room, stamps, envelope, next_morning(at), LEFT_OUT, left_out)
        stamps.failed["41048", outcome.msgid] += envelope.attempts


def _sort_retry(
    room: PostRoom, stamps: _Stamps, envelope: Envelope, outcome: Retry, at: datetime
) -> None:
    unsure = outcome.maybe_accepted or envelope.since is not None
    if not unsure:
        _failed(stamps, envelope, outcome)
    if outcome.scope is Scope.APP:
        stamps.again[at, outcome.reason, False].append(envelope)
        return
    last = UNSURE if unsure else Dead(str(outcome.code or "no_answer"), KEPT_BUSY)
    until = at + timedelta(seconds=outcome.after_seconds)
    if _later(room, stamps, envelope, until, outcome.reason, last) and unsure:
        stamps.given_up_unsure += envelope.attempts


def _later(
    room: PostRoom, stamps: _Stamps, envelope: Envelope, until: datetime, note: str, last: Dead
) -> bool:
    """Try again at a moment; after the last try the letters are dead. Whether they are."""
    if envelope.tries + 1 >= room.rules.most_tries:
        stamps.dead[last].append(envelope)
        return True
    stamps.again[until, note, True].append(envelope)
    return False


def _failed(stamps: _Stamps, envelope: Envelope, outcome: Retry | Refused) -> None:
    """The call had no effect; a repeated one says nothing about the first."""
    if not envelope.since:
        stamps.failed[str(outcome.code or ""), outcome.detail or outcome.reason] += (
            envelope.attempts
        )


def _why(envelope: Envelope, outcome: Refused) -> Dead:
    if envelope.sender and outcome.code in NO_SENDER:
        return Dead(str(outcome.code), FOLLOWER_LEFT)
    return Dead(str(outcome.code or "refused"), outcome.reason)


def _write_accepted(
    session: Session,
    room: PostRoom,
    channel: Channel,
    stamps: _Stamps,
    tally: Tally,
    lease: datetime,
    at: datetime,
) -> None:
    """App messages are sent with that; mass messages now wait for a colleague."""
    msgids = {one: msgid for envelope, msgid in stamps.accepted for one in envelope.attempts}
    letters = _letters(envelope for envelope, _ in stamps.accepted)
    if channel is Channel.APP_MESSAGE:
        attempts.accepted(session, msgids, at=at)
        attempts.keep_codes(session, stamps.codes)
        tally.sent += machine.deliver(session, letters, sent_at=at, by=BY, at=at, lease=lease)
    else:
        attempts.await_staff(session, msgids, look_at=at + room.look_soonest)
        patience = room.rules.press_within + 2 * room.rules.look_latest
        rack.wait_for_press(session, letters, lease=lease, until=at + patience)
        tally.awaiting += len(letters)


def _write_again(
    session: Session, stamps: _Stamps, tally: Tally, lease: datetime, at: datetime
) -> None:
    for (until, note, charged), envelopes in stamps.again.items():
        tally.later += machine.retry(
            session, _letters(envelopes), not_before=until, by=BY, at=at, note=note,
            charged=charged, lease=lease,
        )  # fmt: skip


def _write_dead(
    session: Session, stamps: _Stamps, tally: Tally, lease: datetime, at: datetime
) -> None:
    for dead, envelopes in stamps.dead.items():
        tally.dead += machine.give_up(
            session, _letters(envelopes), code=dead.code, reason=dead.reason, by=BY, at=at,
            lease=lease,
        )  # fmt: skip
        for envelope in envelopes:
            if envelope.sender and dead.code in map(str, NOT_FRIENDS):
                channels.mark_broken(
                    session, envelope.receiver, envelope.sender, reason=dead.reason
                )


def _write_tries(session: Session, stamps: _Stamps, at: datetime) -> None:
    for (code, reply), ids in stamps.failed.items():
        attempts.settle(session, ids, Outcome.FAILED, at=at, code=code, reply=reply)
    if stamps.given_up_unsure:
        attempts.settle(session, stamps.given_up_unsure, Outcome.UNKNOWN, at=at)
    if stamps.unmade:
        attempts.unmade(session, stamps.unmade)


def _write_channel(
    session: Session,
    room: PostRoom,
    channel: Channel,
    posted: Sequence[Posted],
    trouble: Pause | None,
    tally: Tally,
    at: datetime,
) -> None:
    """The first answer that concerns the whole channel pauses it; one that went through ends it."""
    for _, outcome in posted:
        if isinstance(outcome, Retry | Refused) and outcome.scope is Scope.APP:
            until = at + _rest(room, outcome, trouble.times if trouble else 0)
            pauses.pause(
                session, channel, until=until, at=at, code=outcome.code, reason=outcome.reason
            )
            tally.paused.append(outcome.reason)
            return
    if trouble and any(not isinstance(outcome, NotMade) for _, outcome in posted):
        pauses.over(session, channel)


def _rest(room: PostRoom, outcome: Retry | Refused, times: int) -> timedelta:
    if isinstance(outcome, Retry):
        return timedelta(seconds=outcome.after_seconds)
    rules = room.rules
    return min(rules.refused_pause * (1 << min(times, 10)), rules.refused_pause_most)


def _letters(envelopes: Iterable[Envelope]) -> list[int]:
    return [letter for envelope in envelopes for letter in envelope.letters]
