"""The deliverer: one per database, awake when a letter is put in, asleep otherwise."""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy.exc import InterfaceError, OperationalError

from domain.errors import Conflict
from domain.letters.bell import Bell, BellLost, bell
from flows.delivery import rounds
from flows.delivery.looking import look
from flows.delivery.postroom import PostRoom
from flows.delivery.tally import Tally

NAP = 30.0
"""The longest sleep: a lost wake-up, a letter put in without one, a broken connection."""

BREATH = 1.0
"""Between rounds when what is due could not be moved, because somebody else holds it."""

DATABASE_AWAY = (OperationalError, InterfaceError, BellLost)
LONGEST_AWAY = 30.0


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
    failures = 0
    while room.now() < until:
        try:
            with bell(room.engine) as held:
                if held is None:
                    return False
                while room.now() < until:
                    heard(_round(room, deliver))
                    failures = 0
                    _sleep(room, held, until)
        except DATABASE_AWAY:
            room.engine.dispose()
            failures += 1
            if failures == 1:
                complain("数据库连接断开，正在重连")
            time.sleep(min(0.5 * 2 ** min(failures, 10), LONGEST_AWAY))
    return True


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


def _sleep(room: PostRoom, held: Bell, until: datetime) -> None:
    """Until the bell rings or the next moment comes."""
    moment = min(rounds.next_due(room) or until, until)
    seconds = (moment - room.now()).total_seconds()
    held.wait(BREATH if seconds <= 0 else min(seconds, NAP))
