"""Periods: start days 29, 30, 31, leap years, long cycles, and which run bills what."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.periods import (
    CYCLES,
    PeriodInvalid,
    Span,
    add_months,
    nth_period,
    parse_month,
    period_due,
    period_of,
)
from domain.fees.model import FeeTiming
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import DAYS, rows_sql

PREPAID, POSTPAID = FeeTiming.PREPAID, FeeTiming.POSTPAID


@pytest.mark.parametrize(
    ("anchor", "months", "expected"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 2, date(2025, 3, 31)),
        (date(2025, 1, 30), 1, date(2025, 2, 28)),
        (date(2025, 1, 29), 13, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2025, 11, 15), 3, date(2026, 2, 15)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
    ],
)
def test_months_are_counted_from_the_anchor(anchor: date, months: int, expected: date) -> None:
    assert add_months(anchor, months) == expected


def test_a_month_from_the_31st_shrinks_and_grows_back() -> None:
    periods = [nth_period(date(2025, 1, 31), 1, n) for n in range(4)]
    assert [p.start for p in periods] == [
        date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30),
    ]  # fmt: skip
    assert [p.days for p in periods] == [28, 31, 30, 31]


def test_a_quarter_from_the_15th() -> None:
    period = nth_period(date(2025, 1, 15), 3, 1)
    assert (period.start, period.end) == (date(2025, 4, 15), date(2025, 7, 15))
    assert [month.days for month in period.months] == [30, 31, 30]


@given(st.dates(date(2000, 1, 1), date(2040, 1, 1)), st.sampled_from(CYCLES))
def test_periods_join_without_gap_and_months_have_28_to_31_days(anchor: date, cycle: int) -> None:
    periods = [nth_period(anchor, cycle, n) for n in range(5)]
    assert all(a.end == b.start for a, b in pairwise(periods))
    assert all(28 <= m.days <= 31 for p in periods for m in p.months)
    assert all(len(p.months) == cycle and p.months[-1].end == p.end for p in periods)


@pytest.mark.parametrize(
    ("anchor", "cycle", "timing", "run", "start", "end"),
    [
        (date(2025, 1, 1), 1, PREPAID, date(2025, 11, 1), date(2025, 11, 1), date(2025, 12, 1)),
        (date(2025, 1, 1), 1, POSTPAID, date(2025, 11, 1), date(2025, 10, 1), date(2025, 11, 1)),
        (date(2025, 1, 15), 3, PREPAID, date(2025, 4, 30), date(2025, 4, 15), date(2025, 7, 15)),
        (date(2025, 1, 15), 3, POSTPAID, date(2025, 8, 1), date(2025, 4, 15), date(2025, 7, 15)),
        (date(2025, 1, 31), 1, POSTPAID, date(2025, 3, 1), date(2025, 1, 31), date(2025, 2, 28)),
        (date(2025, 3, 1), 12, PREPAID, date(2026, 3, 9), date(2026, 3, 1), date(2027, 3, 1)),
    ],
)
def test_the_period_a_run_bills(
    anchor: date, cycle: int, timing: FeeTiming, run: date, start: date, end: date
) -> None:
    period = period_due(anchor, cycle, timing, run)
    assert period is not None
    assert (period.start, period.end) == (start, end)


@pytest.mark.parametrize(
    ("anchor", "cycle", "timing", "run"),
    [
        (date(2025, 1, 15), 3, PREPAID, date(2025, 5, 1)),
        (date(2025, 1, 15), 3, POSTPAID, date(2025, 7, 31)),
        (date(2025, 6, 1), 1, PREPAID, date(2025, 5, 1)),
        (date(2025, 6, 1), 1, POSTPAID, date(2025, 6, 1)),
    ],
)
def test_nothing_is_due_in_other_months(
    anchor: date, cycle: int, timing: FeeTiming, run: date
) -> None:
    assert period_due(anchor, cycle, timing, run) is None


@given(DAYS, st.sampled_from(CYCLES), st.sampled_from(FeeTiming))
def test_every_period_is_billed_by_exactly_one_run(
    anchor: date, cycle: int, timing: FeeTiming
) -> None:
    runs = [add_months(anchor.replace(day=1), n) for n in range(4 * cycle + 2)]
    due = [(run, p) for run in runs if (p := period_due(anchor, cycle, timing, run))]
    expected = [nth_period(anchor, cycle, n) for n in range(len(due))]
    assert [period for _, period in due] == expected
    assert len(due) >= 3
    if timing is POSTPAID:
        assert all(add_months(run, -1) < period.end <= run for run, period in due)
    else:
        assert all(period.start.replace(day=1) == run for run, period in due)


@given(DAYS, st.sampled_from(CYCLES), st.integers(0, 2000))
def test_every_day_from_the_anchor_on_has_one_period(anchor: date, cycle: int, later: int) -> None:
    day = date.fromordinal(anchor.toordinal() + later)
    period = period_of(anchor, cycle, day)
    assert period is not None
    assert period.start <= day < period.end
    assert period_of(anchor, cycle, date.fromordinal(anchor.toordinal() - 1)) is None


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(DAYS, st.integers(0, 100)), min_size=50, max_size=80))
def test_postgresql_adds_months_the_same_way(ask: Ask, cases: list[tuple[date, int]]) -> None:
    rows = ask(
        "SELECT (day + make_interval(months => n::int))::date"
        f" FROM (VALUES {rows_sql(cases)}) AS v(day, n)"
    )
    assert [row[0] for row in rows] == [add_months(day, n) for day, n in cases]


@pytest.mark.parametrize(
    "text",
    ["2025-11", "２０２５－１１", "2025年11月", "２０２５年１１月", " 2025/11 ", "202511",
     "2025.11", "2025 年 11 月"],
)  # fmt: skip
def test_a_month_as_people_type_it(text: str) -> None:
    assert parse_month(text) == date(2025, 11, 1)


@pytest.mark.parametrize("text", ["", "11月", "2025-13", "2025-00", "25-11", "2025-11-01", "本月"])
def test_a_month_nobody_can_read_is_refused(text: str) -> None:
    with pytest.raises(PeriodInvalid, match="看不懂月份") as refused:
        parse_month(text)
    assert refused.value.code == "period_invalid"


def test_a_span_has_at_least_one_day_and_a_cycle_is_known() -> None:
    with pytest.raises(ValueError, match="not a span"):
        Span(date(2025, 1, 1), date(2025, 1, 1))
    with pytest.raises(ValueError, match="cycle"):
        nth_period(date(2025, 1, 1), 4, 0)
