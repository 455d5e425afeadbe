"""What keeps a serving process's pages even: no page waits for another longer than it must.

A thread that has heard from the database wants to go on; one that renders a page gives way after
`TURN_SECONDS`, not after Python's five milliseconds, each of which a page of ten statements may
wait ten times. And what was loaded at the start is no longer walked by the garbage collector, which
would stop every page at once while it does.
"""

import gc
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

TURN_SECONDS = 0.0005


@asynccontextmanager
async def steady(_app: FastAPI) -> AsyncIterator[None]:
    """While a server serves."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN_SECONDS)
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        sys.setswitchinterval(before)
