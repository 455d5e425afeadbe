"""What keeps a serving process's pages even: no page waits for another longer than it must.

A thread that has heard from the database wants to go on; one that renders a page gives way after
`TURN_SECONDS`, not after Python's five milliseconds, each of which a page of ten statements may
wait ten times. And what was loaded at the start is no longer walked by the garbage collector, which
would stop every page at once while it does; what a page leaves behind is walked every few pages,
not several times within each.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

TURN_SECONDS = 0.0005
COLLECTED = (20_000, 10, 20)
"""New objects before the collector looks at them; how often until it looks at older ones."""


@asynccontextmanager
async def steady(_app: FastAPI) -> AsyncIterator[None]:
    """While a server serves."""
    before, collected = sys.getswitchinterval(), gc.get_threshold()
    sys.setswitchinterval(TURN_SECONDS)
    gc.set_threshold(*COLLECTED)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*collected)
        sys.setswitchinterval(before)
