"""The bell of the letter rack: one deliverer at a time, woken when a letter is put in.

Both live on one connection of its own: the lock that makes its holder the only deliverer, and the
LISTEN. When the connection breaks both are gone at once, and the holder hears of it.
"""

import select
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from sqlalchemy import Engine, func, text
from sqlalchemy import select as ask

from domain.letters.outbox import WAKE_CHANNEL

DELIVERER = 7_031_501
"""The advisory lock of the one deliverer of a database."""


class BellLost(Exception):
    """The connection broke; somebody else may be the deliverer by now."""


@dataclass(frozen=True)
class Bell:
    """Held by the deliverer."""

    connection: Any

    def wait(self, seconds: float) -> bool:
        """Sleep until a letter is put in, at most so many seconds; whether one was.

        Raises BellLost when the connection no longer stands.
        """
        try:
            select.select([self.connection], [], [], max(seconds, 0.0))
            with self.connection.cursor() as cursor:
                cursor.execute("SELECT 1")  # also fetches what has been notified
        except (psycopg2.Error, OSError, ValueError) as error:
            raise BellLost from error
        rang = bool(self.connection.notifies)
        self.connection.notifies.clear()
        return rang


@contextmanager
def bell(engine: Engine) -> Iterator[Bell | None]:
    """The bell while this process is the deliverer; None when another one is."""
    with engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        mine = connection.scalar(ask(func.pg_try_advisory_lock(DELIVERER)))
        try:
            if mine:
                connection.execute(text(f"LISTEN {WAKE_CHANNEL}"))
                driver: Any = connection.connection.driver_connection
                driver.notifies.clear()
                yield Bell(driver)
            else:
                yield None
        finally:
            pooled.invalidate()  # closes it, which ends lock and LISTEN; never back to the pool
