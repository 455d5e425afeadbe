"""Faults of ours in a step, told by kind and place: Prefect keeps what an exception says, and an
exception may quote a row, a message of WeCom's or a cell of a workbook.
"""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

BUGS = (LookupError, TypeError, ValueError, ArithmeticError, AttributeError, AssertionError)
"""What code nobody thought through can raise. Refusals and the database's errors quote nobody."""


class Broke(RuntimeError):
    """A step broke over a fault of ours."""


def quoting_nobody(work: Callable[P, R]) -> Callable[P, R]:
    """`work`, whose faults are raised without what they say."""

    @wraps(work)
    def careful(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return work(*args, **kwargs)
        except BUGS as error:
            raise Broke(f"{type(error).__name__}，{_where(error)}") from None

    return careful


def _where(error: Exception) -> str:
    """The last calls, innermost first."""
    calls = traceback.extract_tb(error.__traceback__)[-6:]
    return " < ".join(f"{one.filename}:{one.lineno} {one.name}" for one in reversed(calls))
