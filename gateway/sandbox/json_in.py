"""JSON that came in: only what can be kept, compared and told again."""

import json
import math
from typing import Any

BIGGEST = 2**63 - 1


def parsed(raw: bytes) -> Any:
    """The value. ValueError for what no other program could read back: NaN, half characters,
    numbers beyond 64 bits, and what is nested without end.
    """
    try:
        found = json.loads(raw, parse_int=_whole, parse_float=_finite, parse_constant=_finite)
        json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return found


def _whole(digits: str) -> int:
    number = int(digits)
    if abs(number) > BIGGEST:
        raise ValueError("beyond 64 bits")
    return number


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("not a number")
    return number
