"""A rack with one keeper: one process at a time works it off, asleep until its bell rings."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from domain.letters.bell import Bell, BellLost, bell

NAP = 30.0
"""The longest sleep: a lost wake-up, something put in without one, a broken connection."""

LINGER = 5.0
"""After so long with nothing to do the connections are given back, all but the bell's."""

BREATH = 1.0
"""Between rounds when what is due could not be moved, because somebody else holds it."""

DATABASE_AWAY = (OperationalError, InterfaceError, BellLost)
LONGEST_AWAY = 30.0


@dataclass(frozen=True)
class Post:
    """What a keeper does: `round_` works off what is due; `next_due` says when there is more."""

    engine: Callable[[], Engine]
    lock: int
    channel: str
    now: Callable[[], datetime]
    round_: Callable[[], None]
    next_due: Callable[[], datetime | None]


def keep(post: Post, *, until: datetime, complain: Callable[[str], None]) -> bool:
    """Be the keeper until a moment; False when another process is.

    `complain` gets a sentence when the database is away. It is waited for, however long.
    """
    failures = 0
    while post.now() < until:
        try:
            with bell(post.engine(), lock=post.lock, channel=post.channel) as held:
                if held is None:
                    return False
                while post.now() < until:
                    post.round_()
                    failures = 0
                    _sleep(post, held, until)
        except DATABASE_AWAY:
            post.engine().dispose()
            failures += 1
            if failures == 1:
                complain("数据库连接断开，正在重连")
            time.sleep(min(0.5 * 2 ** min(failures, 10), LONGEST_AWAY))
    return True


def _sleep(post: Post, held: Bell, until: datetime) -> None:
    """Until the bell rings or the next moment comes."""
    moment = min(post.next_due() or until, until)
    seconds = (moment - post.now()).total_seconds()
    nap = BREATH if seconds <= 0 else min(seconds, NAP)
    if not held.wait(min(nap, LINGER)) and nap > LINGER:
        post.engine().dispose()
        held.wait(nap - LINGER)
