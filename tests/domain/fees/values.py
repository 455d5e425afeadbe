"""What hypothesis draws from: the sizes that the columns allow."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from hypothesis import strategies as st

from domain.fees.calc.periods import CYCLES, Period, nth_period
from domain.fees.calc.units import MONTH_UNITS


def decimals(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    """Decimals with at most so many places."""
    return st.decimals(low, high, places=places, allow_nan=False)


PRICES = decimals("0", "9999", 6) | decimals("0", "20", 2)
AREAS = decimals("0.01", "2000", 2)
QUANTITIES = decimals("0", "99999", 4) | st.integers(0, 50).map(Decimal)
RATES = decimals("0", "0.99", 6) | st.sampled_from([Decimal(0), Decimal("0.06"), Decimal("0.3")])
UNITS = st.integers(1, 12 * MONTH_UNITS) | st.integers(1, 12).map(lambda n: n * MONTH_UNITS)
DAYS = st.dates(date(2023, 1, 1), date(2029, 12, 31))


@st.composite
def periods(draw: st.DrawFn) -> Period:
    """A billing period of any cycle, from any anchor day."""
    anchor = draw(st.dates(date(2019, 1, 1), date(2024, 12, 31)))
    return nth_period(anchor, draw(st.sampled_from(CYCLES)), draw(st.integers(0, 40)))


@st.composite
def cut_days(draw: st.DrawFn, period: Period) -> list[date]:
    """Some days on which a period is cut, with its two ends."""
    inside = st.integers(1, max(1, period.days - 1))
    marks = draw(st.sets(inside, max_size=4)) if period.days > 1 else set()
    ordinals = [period.start.toordinal() + mark for mark in sorted(marks)]
    return [period.start, *map(date.fromordinal, ordinals), period.end]


def rows_sql(rows: Iterable[Sequence[object]]) -> str:
    """`VALUES` text of plain numbers, dates, booleans and None."""
    return ", ".join(f"({', '.join(map(_literal, row))})" for row in rows)


def _literal(value: object) -> str:
    if value is None:
        return "NULL::numeric"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, date):
        return f"DATE '{value}'"
    return f"{value}::numeric"
