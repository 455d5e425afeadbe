"""Billing periods: half-open, counted in months from an anchor day that never drifts."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from domain.errors import Invalid
from domain.fees.model import FeeTiming

CYCLES = (1, 2, 3, 6, 12)
_MONTH = re.compile(r"(20[0-9]{2})[-/.年]?([0-9]{1,2})月?")


class PeriodInvalid(Invalid):
    """A month that was typed in a way nobody can read."""

    code = "period_invalid"


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `start` (inclusive) to `end` (exclusive); at least one."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"not a span: {self.start} to {self.end}")

    @property
    def days(self) -> int:
        """Days from start to end."""
        return (self.end - self.start).days


@dataclass(frozen=True, slots=True)
class Period(Span):
    """A billing period, and the billing months it is made of: from anchor day to anchor day."""

    months: tuple[Span, ...]


def add_months(anchor: date, months: int) -> date:
    """The same day `months` later, or the last day of a month that has no such day.

    Always counted from the anchor: 31 Jan + 1 = 28 Feb, 31 Jan + 2 = 31 Mar.
    """
    year, month0 = divmod(anchor.year * 12 + anchor.month - 1 + months, 12)
    return date(year, month0 + 1, min(anchor.day, monthrange(year, month0 + 1)[1]))


def nth_period(anchor: date, cycle: int, n: int) -> Period:
    """The n-th period (0 = the one that begins on the anchor day)."""
    if cycle not in CYCLES:
        raise ValueError(f"a cycle is one of {CYCLES} months, not {cycle}")
    days = [add_months(anchor, n * cycle + k) for k in range(cycle + 1)]
    months = tuple(Span(a, b) for a, b in pairwise(days))
    return Period(days[0], days[-1], months)


def period_due(anchor: date, cycle: int, timing: FeeTiming, run_month: date) -> Period | None:
    """The one period that the run of a month bills, if any. `run_month` is any day of the month.

    Prepaid: the period that begins in the month. Postpaid: the period that was over on the first
    of the month and not yet a month before (October's water, and 15 Sep to 15 Oct, in November).
    """
    since = run_month.year * 12 + run_month.month - (anchor.year * 12 + anchor.month)
    if timing is FeeTiming.POSTPAID:
        since -= cycle if anchor.day == 1 else cycle + 1
    n, rest = divmod(since, cycle)
    return nth_period(anchor, cycle, n) if rest == 0 and n >= 0 else None


def period_of(anchor: date, cycle: int, on: date) -> Period | None:
    """The period that holds a day, or None before the anchor."""
    if on < anchor:
        return None
    since = on.year * 12 + on.month - (anchor.year * 12 + anchor.month)
    n = since // cycle
    period = nth_period(anchor, cycle, n)
    return period if period.start <= on else nth_period(anchor, cycle, n - 1)


def parse_month(text: str) -> date:
    """`2025-11`, `２０２５年１１月`, `2025/11`, `202511` -> the first day of that month."""
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    found = _MONTH.fullmatch(plain)
    if not found or not 1 <= int(found[2]) <= 12:
        raise PeriodInvalid(f"看不懂月份“{text.strip()[:20]}”，请写成 2025-11 这样。")
    return date(int(found[1]), int(found[2]), 1)
