"""Tiers: boundaries, year to date, corrections; the same in SQL."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.problems import LineProblem
from domain.fees.calc.tiers import (
    Tier,
    TiersInvalid,
    amount_yuan,
    charge,
    for_part_of_year,
    ladder,
    part_sql,
    scaled_sql,
)
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import PRICES, QUANTITIES, rows_sql

D = Decimal
WATER = ladder(D("3.45"), [Tier(D(12), D("4.83")), Tier(D(20), D("8.05"))])


def told(use: str, before: str = "0") -> list[tuple[int, str]]:
    parts = charge(D(use), WATER, before=D(before))
    return [(part.tier, str(part.quantity.normalize())) for part in parts]


@pytest.mark.parametrize(
    ("use", "before", "parts"),
    [
        ("12", "0", [(1, "12")]),
        ("12.0001", "0", [(1, "12"), (2, "0.0001")]),
        ("20", "0", [(1, "12"), (2, "8")]),
        ("25", "0", [(1, "12"), (2, "8"), (3, "5")]),
        ("5", "12", [(2, "5")]),
        ("5", "9", [(1, "3"), (2, "2")]),
        ("0", "9", []),
        ("-5", "14", [(1, "-3"), (2, "-2")]),
        ("-12", "12", [(1, "-12")]),
    ],
)
def test_what_falls_into_which_tier(use: str, before: str, parts: list[tuple[int, str]]) -> None:
    assert told(use, before) == parts


def test_the_amount_is_exact() -> None:
    assert amount_yuan(charge(D(25), WATER)) == D("12") * D("3.45") + 8 * D("4.83") + 5 * D("8.05")


def test_more_credit_than_was_ever_charged_is_a_problem() -> None:
    with pytest.raises(LineProblem) as problem:
        charge(D("-12.0001"), WATER, before=D(12))
    assert problem.value.code == "reading_negative"


def test_a_single_price_is_a_ladder_of_one_tier() -> None:
    assert ladder(D("0.61")) == (Tier(D(0), D("0.61")),)
    assert ladder(D(9), [Tier(D(0), D("0.5"))]) == (Tier(D(0), D("0.5")),)


@pytest.mark.parametrize(
    "tiers",
    [[Tier(D(5), D(1)), Tier(D(5), D(2))], [Tier(D(9), D(1)), Tier(D(5), D(2))],
     [Tier(D(-1), D(1))], [Tier(D(5), D(-1))]],
)  # fmt: skip
def test_a_ladder_nobody_can_climb_is_refused(tiers: list[Tier]) -> None:
    with pytest.raises(TiersInvalid, match="阶梯"):
        ladder(D(1), tiers)


def test_who_comes_in_july_gets_half_the_year() -> None:
    year = ladder(D("3"), [Tier(D(180), D("4")), Tier(D(261), D("5"))])
    assert [step.above for step in for_part_of_year(year, 6)] == [D(0), D(90), D("130.5")]
    assert for_part_of_year(year, 12) == year
    with pytest.raises(ValueError, match="months"):
        for_part_of_year(year, 0)


@st.composite
def ladders(draw: st.DrawFn) -> tuple[Tier, ...]:
    edges = sorted(draw(st.sets(st.integers(1, 999_999), max_size=4)))
    steps = [Tier(D(edge).scaleb(-2), draw(PRICES)) for edge in edges]
    return ladder(draw(PRICES), steps)


@given(ladders(), QUANTITIES, QUANTITIES, QUANTITIES)
def test_two_charges_in_turn_are_one_charge(
    steps: tuple[Tier, ...], before: Decimal, first: Decimal, second: Decimal
) -> None:
    at_once = charge(first + second, steps, before=before)
    in_turn = charge(first, steps, before=before) + charge(second, steps, before=before + first)
    assert amount_yuan(at_once) == amount_yuan(in_turn)
    assert sum(part.quantity for part in at_once) == first + second


@given(ladders(), QUANTITIES, QUANTITIES)
def test_a_correction_gives_back_what_was_charged(
    steps: tuple[Tier, ...], before: Decimal, use: Decimal
) -> None:
    forth = charge(use, steps, before=before)
    back = charge(-use, steps, before=before + use)
    assert amount_yuan(forth) + amount_yuan(back) == 0


@settings(max_examples=15, deadline=None)
@given(ladders(), st.lists(st.tuples(QUANTITIES, QUANTITIES), min_size=20, max_size=40))
def test_sql_charges_the_same(
    ask: Ask, steps: tuple[Tier, ...], cases: list[tuple[Decimal, Decimal]]
) -> None:
    bands = [(s.above, t.above if t else None, s.unit_price)
             for s, t in zip(steps, [*steps[1:], None], strict=True)]  # fmt: skip
    part = part_sql("b", "b + u", "above", "top")
    uses = rows_sql((i, *case) for i, case in enumerate(cases))
    rows = ask(
        f"SELECT n, sum({part} * price) FROM (VALUES {uses}) AS v(n, b, u),"
        f" (VALUES {rows_sql(bands)}) AS t(above, top, price) GROUP BY n ORDER BY n"
    )
    assert [row[1] for row in rows] == [amount_yuan(charge(u, steps, before=b)) for b, u in cases]


@settings(max_examples=10, deadline=None)
@given(ladders())
def test_sql_scales_a_year_the_same(ask: Ask, steps: tuple[Tier, ...]) -> None:
    cases = [(step.above, months) for step in steps for months in range(1, 13)]
    rows = ask(f"SELECT {scaled_sql('a', 'm')} FROM (VALUES {rows_sql(cases)}) AS v(a, m)")
    scaled = [for_part_of_year([Tier(a, D(0))], months)[0].above for a, months in cases]
    assert [row[0] for row in rows] == scaled
