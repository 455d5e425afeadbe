"""Collecting garbage less often while one act makes hundreds of thousands of plain objects.

None of them is cyclic, yet the collector looks at all of them again and again: a quarter of the
time of a large import. And the thread that writes what another one plans gets its turn at once:
another quarter. Python lets a thread ask for its turn when it has waited for so long without the
other one pausing; and planning pauses for a microsecond with every nonce it fetches, tens of
thousands of times. Whoever has more patience than lies between two of these pauses hardly ever gets
to ask, and PostgreSQL waits with him.
"""

import gc
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (200_000, 50, 100)
TURN_SECONDS = 0.00002
_lock = threading.Lock()
_acts: list[tuple[tuple[int, int, int], float]] = []


@contextmanager
def seldom() -> Iterator[None]:
    """For the length of an act; the last one to end puts back what was before the first."""
    with _lock:
        _acts.append(_acts[0] if _acts else (gc.get_threshold(), sys.getswitchinterval()))
        gc.set_threshold(*SELDOM)
        sys.setswitchinterval(TURN_SECONDS)
    try:
        yield
    finally:
        with _lock:
            threshold, turn = _acts.pop()
            if not _acts:
                gc.set_threshold(*threshold)
                sys.setswitchinterval(turn)
