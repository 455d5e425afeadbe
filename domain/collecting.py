"""Collecting garbage less often while one act makes hundreds of thousands of plain objects.

None of them is cyclic, yet the collector looks at all of them again and again: a quarter of the
time of a large import.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (200_000, 50, 100)
_lock = threading.Lock()
_acts: list[tuple[int, int, int]] = []


@contextmanager
def seldom() -> Iterator[None]:
    """For the length of an act; the last one to end puts back what was before the first."""
    with _lock:
        _acts.append(_acts[0] if _acts else gc.get_threshold())
        gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        with _lock:
            before = _acts.pop()
            if not _acts:
                gc.set_threshold(*before)
