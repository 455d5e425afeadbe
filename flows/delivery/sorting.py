"""Sorting: take what is due in hand, in one transaction, and decide for each letter.

It goes now (an envelope, its tries written down before any call), lies until a limit allows it, is
dead for a reason a clerk can act on, or has nothing to say any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from domain.letters import attempts, rack
from domain.letters.attempts import Unsettled
from domain.letters.contents import Facts
from domain.letters.model import Channel, Letter
from domain.letters.rack import Due
from domain.session import transaction
from flows.delivery import colleagues, owners, writing
from flows.delivery.envelopes import Envelope, restore
from flows.delivery.fates import Dead, Fate
from flows.delivery.postroom import BY, PostRoom
from flows.delivery.tally import Tally
from gateway.wecom.messages import Message
from statemachines import letter as machine

MOOT = "事情已经过去，不用再通知"
CANNOT_WRITE = Dead("cannot_write", "这条消息写不出来；请把这条记录交给系统管理员")


@dataclass
class Sorted:
    """What sorting gave: envelopes to hand over under a lease, and what became of the rest."""

    lease: datetime
    envelopes: list[Envelope] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)


def sort(room: PostRoom, channel: Channel, *, limit: int) -> Sorted | None:
    """Take up to `limit` due letters of a channel in hand; None when nothing is due."""
    at = room.now()
    with transaction(room.engine) as session:
        due = rack.due(session, channel, at=at, limit=limit)
        if not due:
            return None
        if channel is Channel.MASS_MESSAGE:
            people = {letter.person_id for letter in due if letter.person_id is not None}
            ids = [letter.id for letter in due]
            due += rack.also_for(session, people, besides=ids)
        return _sort(session, room, channel, due, at)


def _sort(
    session: Session, room: PostRoom, channel: Channel, due: Sequence[Due], at: datetime
) -> Sorted:
    found = Sorted(lease=at + room.rules.lease)
    open_tries = attempts.unsettled(session, [letter.id for letter in due])
    fresh = [letter for letter in due if letter.id not in open_tries]
    facts, bad = writing.look_up(session, fresh)
    fate = Fate()
    fate.dead[CANNOT_WRITE] = bad
    fate.moot = [one.id for one in fresh if one.id not in facts and one.id not in bad]
    written = _written(fresh, facts, room, fate)
    found.tally.broken = list(fate.dead[CANNOT_WRITE])
    decide = colleagues.decide if channel is Channel.APP_MESSAGE else owners.decide
    envelopes = decide(session, room, written, fate, at=at)
    _take_in_hand(session, found, [*_again(channel, due, open_tries), *envelopes], at)
    _write_fate(session, found, fate, at)
    return found


def _written(
    letters: Sequence[Due], facts: Facts, room: PostRoom, fate: Fate
) -> list[tuple[Due, Message]]:
    """The letters that have something to say, with their messages."""
    written = []
    for letter in letters:
        if letter.id not in facts:
            continue
        message = writing.write(letter, facts[letter.id], room.settings)
        if message is None:
            fate.dead[CANNOT_WRITE].append(letter.id)
        else:
            written.append((letter, message))
    return written


def _again(
    channel: Channel, due: Sequence[Due], open_tries: dict[int, Unsettled]
) -> list[Envelope]:
    """The very same calls whose outcome is not known, each once, with all the letters in it."""
    tries = {letter.id: letter.tries for letter in due}
    same: dict[tuple[str, str | None, str], list[Unsettled]] = {}
    for one in open_tries.values():
        same.setdefault((one.receiver, one.sender, repr(one.message)), []).append(one)
    return [
        Envelope(
            channel, group[0].receiver, group[0].sender, restore(group[0].message),
            letters=tuple(one.letter_id for one in group),
            tries=max(tries[one.letter_id] for one in group),
            since=min(one.at for one in group),
            attempts=tuple(one.id for one in group),
        )
        for group in same.values()
    ]  # fmt: skip


def _take_in_hand(session: Session, found: Sorted, envelopes: list[Envelope], at: datetime) -> None:
    """Claim the letters and write their tries down: from now on nobody else has them."""
    ids = [letter for envelope in envelopes for letter in envelope.letters]
    machine.claim(session, ids, until=found.lease, by=BY, at=at)
    fresh = [envelope for envelope in envelopes if not envelope.attempts]
    tries = [one for envelope in fresh for one in envelope.as_tries]
    begun = attempts.begin(session, tries, at=at)
    for envelope in fresh:
        envelope.attempts = tuple(begun[letter] for letter in envelope.letters)
    found.envelopes = envelopes


def _write_fate(session: Session, found: Sorted, fate: Fate, at: datetime) -> None:
    """What does not go now."""
    for dead, ids in fate.dead.items():
        machine.claim(session, ids, until=at, by=BY, at=at)
        found.tally.dead += machine.give_up(
            session, ids, code=dead.code, reason=dead.reason, by=BY, at=at
        )
    for until, ids in fate.held.items():
        rack.postpone(session, ids, until=until)
        found.tally.held += len(ids)
    if fate.moot:
        found.tally.moot += machine.supersede(
            session, Letter.id.in_(fate.moot), by=BY, at=at, note=MOOT
        )
