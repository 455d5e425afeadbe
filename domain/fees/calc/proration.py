"""A billing period cut into stretches of days on which nothing changed, and what each is worth.

The one rule for any cycle: a whole billing month counts 1, a part of one counts days / days of
that billing month. Months have 28 to 31 days, so every such sum is a whole number of
1/377,580 months (28, 29, 30 and 31 all divide it): shares stay exact integers, in SQL too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Any

from domain.fees.calc.periods import Period, Span
from domain.fees.calc.units import MONTH_UNITS


@dataclass(frozen=True, slots=True)
class Held:
    """Something that held from `from_on` to `to_on` (exclusive; None = still): a price, a payer."""

    from_on: date
    to_on: date | None
    value: Any


@dataclass(frozen=True, slots=True)
class Segment:
    """Days of a period on which all facts were the same. A segment becomes one bill line."""

    period: Period
    start: date
    end: date
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """Days of the segment."""
        return (self.end - self.start).days

    @property
    def month_units(self) -> int:
        """What the segment counts, in 1/377,580 months."""
        return month_units(self.period, Span(self.start, self.end))


def whole(period: Period, **facts: Any) -> Segment:
    """The period as one segment."""
    return Segment(period, period.start, period.end, facts)


def month_units(period: Period, span: Span) -> int:
    """What a span inside a period counts, in 1/377,580 months. Tiling spans add up to the whole."""
    if span.start < period.start or span.end > period.end:
        raise ValueError(f"{span} lies outside {period}")
    return sum(_overlap(month, span) * (MONTH_UNITS // month.days) for month in period.months)


def split(period: Period, timelines: Mapping[str, Sequence[Held]]) -> list[Segment]:
    """Cut a period wherever a fact changes, and only there.

    `timelines` names each fact and the rows that hold it; a day without a row has None (whether
    that is a problem is the caller's to say). Two rows for one day are a bug: ValueError.
    Rows that say the same one after the other do not cut.
    """
    marks = {period.start, period.end}
    for rows in timelines.values():
        for row in rows:
            marks.update(day for day in (row.from_on, row.to_on) if day and _inside(period, day))
    segments: list[Segment] = []
    for start, end in pairwise(sorted(marks)):
        facts = {name: _on(rows, start) for name, rows in timelines.items()}
        same = segments and segments[-1].facts == facts
        since = segments.pop().start if same else start
        segments.append(Segment(period, since, end, facts))
    return segments


def _on(rows: Sequence[Held], day: date) -> Any:
    """What held on a day."""
    found = [r.value for r in rows if r.from_on <= day and (r.to_on is None or day < r.to_on)]
    if len(found) > 1:
        raise ValueError(f"two values hold on {day}: {found}")
    return found[0] if found else None


def _inside(period: Period, day: date) -> bool:
    return period.start < day < period.end


def _overlap(month: Span, span: Span) -> int:
    return max(0, (min(month.end, span.end) - max(month.start, span.start)).days)
