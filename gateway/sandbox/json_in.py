"""JSON that came in: only what can be kept, compared and told again."""

import json
import math
from typing import Any

from fastapi import Depends, Request

from gateway.sandbox.refusals import SeedRefused

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


async def _readable(request: Request) -> None:
    body = await request.body()
    if not body:
        return
    try:
        parsed(body)
    except ValueError:
        raise SeedRefused("请求正文不是能用的 JSON") from None


READABLE = Depends(_readable)
"""For routers of programs: a body that could not be told again is refused before it is kept."""
