"""Rounds of the post room: hand over what is due, look after what is pressed, tell who must know."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from domain.clock import SHANGHAI
from domain.letters import digests, pauses, pressing, rack
from domain.letters.model import Channel
from domain.letters.pauses import Pause
from domain.session import transaction
from flows.delivery.looking import look
from flows.delivery.posting import Posted, post
from flows.delivery.postroom import BY, PostRoom
from flows.delivery.sorting import sort
from flows.delivery.stamping import stamp
from flows.delivery.tally import Tally
from statemachines import letter as machine

CHANNELS = (Channel.APP_MESSAGE, Channel.MASS_MESSAGE)
STAMP = 32
LEFT_LYING = "上次投递中断，放回待发"


def deliver(room: PostRoom, *, limit: int = 500) -> Tally:
    """Hand over up to about `limit` due letters; colleagues first, for they are waited for."""
    tally = Tally()
    for channel in CHANNELS:
        left = limit
        while left > 0 and (some := _batch(room, channel, min(left, room.rules.batch))):
            left -= room.rules.batch
            tally += some
    return tally


def _batch(room: PostRoom, channel: Channel, limit: int) -> Tally | None:
    """Take in hand, hand over, stamp; None when nothing is due or the channel rests.

    A channel that was in trouble is tried with a single letter first.
    """
    trouble = _trouble(room, channel)
    if trouble and trouble.until > room.now():
        return None
    _take_back(room, channel, limit)
    batch = sort(room, channel, limit=1 if trouble else limit)
    if batch is None:
        return None
    posted = post(room, channel, batch.envelopes, trouble)
    for some in _portions(posted):
        silent = bool(batch.tally.paused)
        batch.tally += stamp(room, channel, some, lease=batch.lease, trouble=trouble, silent=silent)
    return batch.tally


def _trouble(room: PostRoom, channel: Channel) -> Pause | None:
    with transaction(room.engine) as session:
        return pauses.standing(session).get(channel)


def _portions(posted: Iterator[Posted]) -> Iterator[list[Posted]]:
    """Stamped in portions, so that a process that is killed forgets few answers."""
    while some := list(islice(posted, STAMP)):
        yield some


def _take_back(room: PostRoom, channel: Channel, limit: int) -> None:
    """Put back what a deliverer that is gone had in hand; whether it went out is found out next."""
    at = room.now()
    with transaction(room.engine) as session:
        ids = rack.left_lying(session, channel, at=at, limit=limit)
        machine.retry(session, ids, not_before=at, by=BY, at=at, note=LEFT_LYING)


def tell(room: PostRoom) -> int:
    """Within office hours queue the day's digest of dead letters and reminders to press send."""
    at, rules = room.now(), room.rules
    if not rules.office_opens <= at.astimezone(SHANGHAI).time() < rules.office_closes:
        return 0
    with transaction(room.engine) as session:
        dead = digests.tell_of_dead(session, at=at, quiet=rules.digest_quiet)
        return dead + digests.remind_to_press(session, at=at, after=rules.press_after)


def drain(room: PostRoom) -> Tally:
    """Everything that can be done now: what is due, all that waits to be pressed, what to tell."""
    tally = look(room, everything=True)
    tell(room)
    while some := deliver(room):
        tally += some
    return tally


def something_due(room: PostRoom) -> bool:
    """Whether a batch would find letters to hand over."""
    moments = _queue_moments(room)
    return any(moment and moment <= room.now() for moment in moments)


def next_due(room: PostRoom) -> datetime | None:
    """When there is something to do again; None when nothing lies anywhere."""
    with transaction(room.engine) as session:
        resting = pauses.standing(session).get(Channel.MASS_MESSAGE)
        looked = _not_before(pressing.next_look(session), resting)
    return min((moment for moment in [*_queue_moments(room), looked] if moment), default=None)


def _queue_moments(room: PostRoom) -> list[datetime | None]:
    with transaction(room.engine) as session:
        resting = pauses.standing(session)
        return [_not_before(rack.next_moment(session, one), resting.get(one)) for one in CHANNELS]


def _not_before(moment: datetime | None, pause: Pause | None) -> datetime | None:
    return max(moment, pause.until) if moment and pause else moment
