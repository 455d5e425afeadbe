"""Looks at the database that are waited for only so long: a probe must hear that it does not answer.

A database that hangs ends no statement. Whoever asks it then waits with a thread, and probes come
every few seconds: so each kind of look has one thread of its own, and who comes while it looks hears
what it finds.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")

PATIENCE_SECONDS = 3.0
"""Probes and scrapers hang up later than this."""


class Look(Generic[T]):
    """One kind of look, for one application."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="look")
        self._under_way: Future[T] | None = None

    async def at(self, ask: Callable[[], T]) -> T | None:
        """What `ask` says, or who asks already; None when that does not come back in time."""
        if self._under_way is None or self._under_way.done():
            self._under_way = self._thread.submit(ask)
        looking = asyncio.shield(asyncio.wrap_future(self._under_way))
        try:
            return await asyncio.wait_for(looking, PATIENCE_SECONDS)
        except TimeoutError:
            return None
