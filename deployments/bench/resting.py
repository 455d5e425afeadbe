"""How much slower this machine is after a rest: what a host takes away from a guest that sleeps.

The caches of a processor that rests belong to others, and a virtual machine's memory may go with
them: then plain work takes several times as long after a fifth of a second as in a row.
"""

import json
import time

REST_SECONDS = 0.2
TIMES = 15
_SOMETHING = {f"key {n}": [n, str(n) * 3, {"n": n}] for n in range(3_000)}


def slower_after_rest() -> float:
    """The time of some plain work after a rest, over its time in a row."""
    return round(_spent(REST_SECONDS) / _spent(0), 1)


def _spent(rest: float) -> float:
    """Seconds, at the middle."""
    spent = []
    for _ in range(TIMES):
        time.sleep(rest)
        began = time.perf_counter()
        json.dumps(_SOMETHING)
        spent.append(time.perf_counter() - began)
    return sorted(spent)[TIMES // 2]
