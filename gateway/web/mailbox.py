"""The mailbox at the door: callbacks that arrive together are written down together.

An answer waits for the commit of its own event and never for a free page of the desk: one thread
and one connection of its own, a commit per handful. Under load the handfuls grow, not the queue.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from domain import clock
from domain.inbox import rack
from domain.inbox.rack import Arrived
from domain.session import transaction

HANDFUL = 200
PATIENCE_SECONDS = 4.0
"""WeCom hangs up after five and tries again."""


class Mailbox:
    """Puts events into the inbox rack, for one event loop."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: list[tuple[Arrived, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="mailbox")

    async def put(self, one: Arrived) -> None:
        """Return when the event is committed; raises what the database said, or TimeoutError."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((one, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await asyncio.wait_for(written, PATIENCE_SECONDS)

    async def _write(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            handful, self._waiting = self._waiting[:HANDFUL], self._waiting[HANDFUL:]
            events = [one for one, _ in handful]
            try:
                await loop.run_in_executor(self._thread, self._commit, events)
            except Exception as error:  # noqa: BLE001 - whatever it is, those who wait must hear it
                _tell(handful, error)
            else:
                _tell(handful, None)

    def _commit(self, events: Sequence[Arrived]) -> None:
        with transaction(self._engine) as session:
            rack.put_all(session, events, at=clock.now())


def _tell(
    handful: Sequence[tuple[Arrived, "asyncio.Future[None]"]], error: Exception | None
) -> None:
    """Those who gave up waiting have cancelled their future."""
    for _, written in handful:
        if written.done():
            continue
        if error is None:
            written.set_result(None)
        else:
            written.set_exception(error)
