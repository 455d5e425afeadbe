"""Readings: rollover, swap, estimates, and what cannot be billed."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.meters import MeterSpan, Reading, total_use, use_of, use_sql
from domain.fees.calc.problems import LineProblem
from domain.fees.calc.tiers import Tier, charge, ladder
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import decimals, rows_sql

D = Decimal


def span(first: str, last: str, *, estimated: bool = False, over: bool = False) -> MeterSpan:
    return MeterSpan(Reading(D(first), estimated), Reading(D(last), rolled_over=over), digits=5)


@pytest.mark.parametrize(
    ("meter", "use"),
    [
        (span("100", "112.5"), "12.5"),
        (span("100", "100"), "0"),
        (span("99990", "8"), "18"),
        (span("60000", "5000", over=True), "45000"),
        (span("120", "115", estimated=True), "-5"),
        (span("99990", "8", estimated=True), "18"),
    ],
)
def test_use_between_two_readings(meter: MeterSpan, use: str) -> None:
    assert use_of(meter) == D(use)


def test_the_multiplier_counts_turns() -> None:
    meter = MeterSpan(Reading(D("10.5")), Reading(D("12")), multiplier=D(40))
    assert use_of(meter) == D(60)


def test_a_swap_adds_up_both_meters() -> None:
    old = MeterSpan(Reading(D("998")), Reading(D("1001")))
    new = MeterSpan(Reading(D("0")), Reading(D("4.5")), multiplier=D(2))
    assert total_use([old, new]) == D("12")


@pytest.mark.parametrize(
    "meter",
    [MeterSpan(None, Reading(D(1))), MeterSpan(Reading(D(1)), None), MeterSpan(None, None)],
)
def test_a_missing_reading_is_named(meter: MeterSpan) -> None:
    for missing in ([meter], [span("1", "2"), meter], []):
        with pytest.raises(LineProblem, match="读数") as problem:
            total_use(missing)
        assert problem.value.code == "reading_missing"


def test_a_falling_dial_is_named() -> None:
    with pytest.raises(LineProblem) as problem:
        use_of(span("60000", "5000"))
    assert problem.value.code == "reading_negative"


def test_an_estimate_too_high_is_credited_at_the_tier_it_was_charged() -> None:
    steps = ladder(D(3), [Tier(D(10), D(5))])
    estimated = use_of(MeterSpan(Reading(D(100)), Reading(D(112), estimated=True)))
    correction = use_of(span("112", "107", estimated=True))
    parts = charge(correction, steps, before=estimated)
    assert [(p.quantity, p.unit_price) for p in parts] == [(D(-3), D(3)), (D(-2), D(5))]


DIALS = decimals("0", "99999", 4) | st.none()
ROWS = st.tuples(
    DIALS, DIALS, decimals("0.1", "100", 4), st.integers(5, 8), st.booleans(), st.booleans()
)


@settings(max_examples=15, deadline=None)
@given(st.lists(ROWS, min_size=40, max_size=80))
def test_sql_reads_meters_the_same(
    ask: Ask, rows: list[tuple[Decimal | None, Decimal | None, Decimal, int, bool, bool]]
) -> None:
    sql = use_sql(first="f", last="l", multiplier="m", digits="d", rolled_over="o", estimated="e")
    values = rows_sql(rows)
    asked = ask(f"SELECT {sql.use}, {sql.error} FROM (VALUES {values}) AS v(f, l, m, d, o, e)")
    assert asked == [_python(*row) for row in rows]


def _python(
    first: Decimal | None, last: Decimal | None, multiplier: Decimal, digits: int, over: bool,
    estimated: bool,
) -> tuple[Decimal | None, str | None]:  # fmt: skip
    before = None if first is None else Reading(first, estimated)
    after = None if last is None else Reading(last, rolled_over=over)
    try:
        return use_of(MeterSpan(before, after, multiplier, digits)), None
    except LineProblem as problem:
        return None, problem.code
