"""Cutting a period where something changes; months and days of each piece."""

from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.line import amount_of
from domain.fees.calc.line_sql import month_units_sql
from domain.fees.calc.periods import Period, Span, nth_period
from domain.fees.calc.proration import Held, Segment, month_units, split, whole
from domain.fees.calc.units import MONTH_UNITS
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import AREAS, PRICES, cut_days, periods, rows_sql

NOVEMBER = nth_period(date(2025, 11, 1), 1, 0)
WINTER = nth_period(date(2025, 11, 15), 3, 0)


def always(value: object) -> list[Held]:
    return [Held(date(2000, 1, 1), None, value)]


def told(segments: list[Segment]) -> list[tuple[date, date, object]]:
    return [(s.start, s.end, s.facts["payer"]) for s in segments]


def test_nothing_changes_nothing_is_cut() -> None:
    (only,) = split(NOVEMBER, {"price": always(Decimal("2.5")), "payer": always("林晓")})
    assert (only.start, only.end, only.days) == (NOVEMBER.start, NOVEMBER.end, 30)
    assert only.month_units == MONTH_UNITS


def test_the_payer_changes_in_the_middle() -> None:
    payers = [Held(date(2020, 1, 1), date(2025, 11, 13), "林晓"),
              Held(date(2025, 11, 13), None, "何川")]  # fmt: skip
    segments = split(NOVEMBER, {"price": always(Decimal("2.5")), "payer": payers})
    assert told(segments) == [
        (date(2025, 11, 1), date(2025, 11, 13), "林晓"),
        (date(2025, 11, 13), date(2025, 12, 1), "何川"),
    ]
    assert [s.month_units for s in segments] == [12 * MONTH_UNITS // 30, 18 * MONTH_UNITS // 30]


def test_moving_in_leaves_days_without_a_payer_to_the_caller() -> None:
    segments = split(NOVEMBER, {"payer": [Held(date(2025, 11, 21), None, "何川")]})
    assert [fact for _, _, fact in told(segments)] == [None, "何川"]


def test_changes_of_several_things_on_one_day_cut_once() -> None:
    cut = date(2025, 11, 10)
    segments = split(
        NOVEMBER,
        {
            "price": [Held(date(2025, 1, 1), cut, 2), Held(cut, None, 3)],
            "area": [Held(date(2025, 1, 1), cut, 80), Held(cut, None, 81)],
            "vacant": [Held(cut, date(2025, 11, 20), True)],
        },
    )
    assert [dict(s.facts) for s in segments] == [
        {"price": 2, "area": 80, "vacant": None},
        {"price": 3, "area": 81, "vacant": True},
        {"price": 3, "area": 81, "vacant": None},
    ]


def test_a_row_that_says_the_same_does_not_cut() -> None:
    payers = [Held(date(2025, 1, 1), date(2025, 11, 9), "林晓"),
              Held(date(2025, 11, 9), None, "林晓")]  # fmt: skip
    assert len(split(NOVEMBER, {"payer": payers})) == 1


def test_changes_on_the_edges_do_not_cut() -> None:
    rows = [Held(NOVEMBER.start, NOVEMBER.end, 1), Held(NOVEMBER.end, None, 2)]
    assert [s.facts for s in split(NOVEMBER, {"price": rows})] == [{"price": 1}]


def test_two_rows_for_one_day_are_a_bug() -> None:
    with pytest.raises(ValueError, match="two values"):
        split(NOVEMBER, {"price": [*always(1), Held(date(2025, 11, 9), None, 2)]})


def test_whole_months_count_one_and_parts_count_days_of_that_month() -> None:
    # From 20 December to 15 February: 26 of the 31 days of the first month, then two whole ones.
    units = month_units(WINTER, Span(date(2025, 11, 19), date(2026, 2, 15)))
    assert units == 26 * (MONTH_UNITS // 30) + 2 * MONTH_UNITS
    assert whole(WINTER).month_units == 3 * MONTH_UNITS


def test_a_span_outside_the_period_is_a_bug() -> None:
    with pytest.raises(ValueError, match="outside"):
        month_units(NOVEMBER, Span(date(2025, 11, 30), date(2025, 12, 2)))


@given(st.data(), periods())
def test_pieces_add_up_to_whole_months_exactly(data: st.DataObject, period: Period) -> None:
    marks = data.draw(cut_days(period))
    spans = [Span(a, b) for a, b in pairwise(marks)]
    assert sum(month_units(period, s) for s in spans) == len(period.months) * MONTH_UNITS
    assert all(month_units(period, s) > 0 for s in spans)


@given(st.data(), periods(), PRICES, AREAS)
def test_lines_of_the_pieces_differ_from_the_whole_by_half_a_fen_each_at_most(
    data: st.DataObject, period: Period, price: Decimal, area: Decimal
) -> None:
    marks = data.draw(cut_days(period))
    spans = [Span(a, b) for a, b in pairwise(marks)]
    lines = [amount_of(price, area, month_units=month_units(period, span)) for span in spans]
    full = amount_of(price, area, month_units=whole(period).month_units)
    assert abs(sum(lines) - full) * 2 <= len(lines) + 1
    assert len(lines) > 1 or lines == [full]


@settings(max_examples=15, deadline=None)
@given(st.data(), periods())
def test_sql_counts_the_same_months(ask: Ask, data: st.DataObject, period: Period) -> None:
    cuts = data.draw(st.lists(cut_days(period), min_size=10, max_size=20))
    spans = [Span(a, b) for marks in cuts for a, b in pairwise(marks)]
    values = rows_sql([(span.start, span.end) for span in spans])
    units = month_units_sql("a", "b", period)
    rows = ask(f"SELECT {units} FROM (VALUES {values}) AS v(a, b)")
    assert [row[0] for row in rows] == [month_units(period, span) for span in spans]
