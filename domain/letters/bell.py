"""The bell of a rack: one keeper at a time, woken when something is put in.

Both live on one connection of its own: the lock that makes its holder the only keeper of the rack,
and the LISTEN. When the connection breaks both are gone at once, and the holder hears of it.
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
    """The connection broke; somebody else may be the keeper by now."""


@dataclass(frozen=True)
class Bell:
    """Held by the keeper."""

    connection: Any

    def wait(self, seconds: float) -> bool:
        """Sleep until something is put in, at most so many seconds; whether it was.

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
def bell(
    engine: Engine, *, lock: int = DELIVERER, channel: str = WAKE_CHANNEL
) -> Iterator[Bell | None]:
    """The bell while this process is the keeper of the rack; None when another one is."""
    with engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        mine = connection.scalar(ask(func.pg_try_advisory_lock(lock)))
        try:
            if mine:
                connection.execute(text(f"LISTEN {channel}"))
                driver: Any = connection.connection.driver_connection
                driver.notifies.clear()
                yield Bell(driver)
            else:
                yield None
        finally:
            pooled.invalidate()  # closes it, which ends lock and LISTEN; never back to the pool
