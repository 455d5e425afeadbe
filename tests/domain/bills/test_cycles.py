"""Cycles of months, from any anchor day: which period is due, and what a part of it is worth."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from domain.fees.model import FeeTiming
from domain.fees.pricing import set_price
from tests.domain.bills.month import amounts, bills, drafted, lines


@pytest.mark.parametrize(
    ("anchor", "cycle", "month", "start", "end", "fen"),
    [
        (date(2024, 1, 15), 3, date(2026, 10, 1), date(2026, 10, 15), date(2027, 1, 15), 84_000),
        (date(2024, 1, 31), 1, date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 31), 28_000),
        (date(2024, 1, 31), 1, date(2028, 2, 1), date(2028, 2, 29), date(2028, 3, 31), 28_000),
        (date(2024, 1, 30), 1, date(2026, 2, 1), date(2026, 2, 28), date(2026, 3, 30), 28_000),
        (date(2024, 1, 29), 1, date(2028, 2, 1), date(2028, 2, 29), date(2028, 3, 29), 28_000),
        (date(2024, 1, 1), 1, date(2028, 2, 1), date(2028, 2, 1), date(2028, 3, 1), 28_000),
        (date(2024, 11, 1), 12, date(2026, 11, 1), date(2026, 11, 1), date(2027, 11, 1), 336_000),
    ],
)
def test_cycles_and_anchors(office, anchor, cycle, month, start, end, fen):
    item = office.fee(cycle_months=cycle, cycle_anchor_on=anchor)
    office.tariff(item, "2.80")
    office.room()
    (line,) = lines(office, drafted(office, month))
    assert (line.start, line.end, line.fen) == (start, end, fen)
    assert line.days == line.period_days == (end - start).days


def test_a_quarter_from_the_15th_is_not_due_in_other_months(office):
    item = office.fee(cycle_months=3, cycle_anchor_on=date(2024, 1, 15))
    office.tariff(item, "2.80")
    office.room()
    assert [
        len(amounts(office, drafted(office, date(2026, month, 1)))) for month in (9, 10, 11, 12)
    ] == [0, 1, 0, 0]


def test_a_year_paid_ahead_keeps_its_price_until_it_is_over(office):
    item = office.fee(cycle_months=12, cycle_anchor_on=date(2024, 1, 1))
    office.tariff(item, "2.80")
    office.room()
    first = drafted(office, date(2026, 1, 1))
    set_price(office.session, item, Decimal("3.50"), from_on=date(2026, 7, 1))
    assert amounts(office, drafted(office, date(2026, 7, 1))) == []
    assert amounts(office, first) == [12 * 28_000]
    assert amounts(office, drafted(office, date(2027, 1, 1))) == [12 * 35_000]


def test_part_of_a_quarter_counts_whole_months_and_days(office):
    item = office.fee(cycle_months=3, cycle_anchor_on=date(2024, 11, 1))
    office.tariff(item, "2.80")
    room = office.room(owner=None)
    office.lives(room, office.person("甲"), until=date(2026, 12, 11))
    office.lives(room, office.person("乙"), since=date(2026, 12, 11))
    first, second = lines(office, drafted(office))
    assert first.fen == 28_000 + 9_032
    assert first.fen + second.fen == 84_000
    assert first.detail["month_units"] == 377_580 + 10 * 377_580 // 31


def test_postpaid_bills_the_month_that_is_over(office):
    item = office.fee(timing=FeeTiming.POSTPAID)
    office.tariff(item, "2.80")
    office.room()
    (line,) = lines(office, drafted(office))
    assert (line.start, line.end) == (date(2026, 10, 1), date(2026, 11, 1))


def test_segments_of_a_month_add_up_to_the_month(office):
    """Thirty payers in thirty days: the days are all there, once."""
    office.tariff(office.fee(), "2.80")
    room = office.room(owner=None, area="89.57")
    first = date(2026, 11, 1)
    for n in range(30):
        day = first + timedelta(days=n)
        office.lives(room, office.person(f"住客{n}"), since=day, until=day + timedelta(days=1))
    run = drafted(office)
    assert len(bills(office, run)) == 30
    assert abs(sum(amounts(office, run)) - 25_080) <= 15
    assert sum(line.days for line in lines(office, run)) == 30
    assert Decimal(sum(amounts(office, run))) == 30 * Decimal(836)
