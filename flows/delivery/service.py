"""The deliverer: one per database, awake when a letter is put in, asleep otherwise."""

from collections.abc import Callable
from datetime import datetime

from domain.errors import Conflict
from domain.letters.bell import DELIVERER, bell
from domain.letters.outbox import WAKE_CHANNEL
from flows.alive import Post, keep
from flows.delivery import rounds
from flows.delivery.looking import look
from flows.delivery.postroom import PostRoom
from flows.delivery.tally import Tally


class AlreadyDelivering(Conflict):
    """Another process is the deliverer."""

    code = "already_delivering"


def once(room: PostRoom) -> Tally:
    """Do what can be done now, as the deliverer; AlreadyDelivering when there is one."""
    with bell(room.engine) as held:
        if held is None:
            raise AlreadyDelivering("已有一个投递在运行，消息由它发出，不用再开")
        return rounds.drain(room)


def serve(
    room: PostRoom,
    *,
    until: datetime,
    deliver: Callable[[], Tally],
    heard: Callable[[Tally], None],
    complain: Callable[[str], None],
) -> bool:
    """Be the deliverer until a moment; False when another one is.

    `deliver` is one batch, called only when something is due; `heard` gets what came of each
    round; `complain` gets a sentence when the database is away. It is waited for, however long.
    """
    post = Post(
        engine=lambda: room.engine, lock=DELIVERER, channel=WAKE_CHANNEL, now=lambda: room.now(),  # noqa: PLW0108
        round_=lambda: heard(_round(room, deliver)), next_due=lambda: rounds.next_due(room),
    )  # fmt: skip
    return keep(post, until=until, complain=complain)


def _round(room: PostRoom, deliver: Callable[[], Tally]) -> Tally:
    tally = Tally()
    while rounds.something_due(room):
        some = deliver()
        if not some:
            break
        tally += some
    tally += look(room)
    rounds.tell(room)
    return tally
