"""One rounding rule, in Python and in PostgreSQL; pieces that add up."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.fees.calc.line_sql import cut_sql
from domain.fees.calc.rounding import cut, cut_fen, half_up, half_up_sql
from domain.money import round_fen
from tests.domain.fees.conftest import Ask
from tests.domain.fees.values import decimals, rows_sql

AMOUNTS = decimals("-999999", "999999", 8) | decimals("-100", "100", 1)
HALVES = st.integers(-(10**12), 10**12).map(lambda n: Decimal(2 * n + 1) / 2)


@pytest.mark.parametrize(
    ("exact", "whole"), [("2.5", 3), ("-2.5", -3), ("0.5", 1), ("2.49999999", 2), ("-0.5", -1)]
)
def test_halves_go_away_from_zero(exact: str, whole: int) -> None:
    assert half_up(Fraction(exact)) == round_fen(Decimal(exact)) == whole


@settings(max_examples=15, deadline=None)
@given(st.lists(AMOUNTS | HALVES, min_size=50, max_size=100))
def test_python_and_postgresql_round_the_same(ask: Ask, amounts: list[Decimal]) -> None:
    values = rows_sql([(amount,) for amount in amounts])
    rows = ask(f"SELECT round(a), {half_up_sql('a', '1')} FROM (VALUES {values}) AS v(a)")
    assert rows == [(round_fen(a), half_up(Fraction(a))) for a in amounts]


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(AMOUNTS, st.integers(1, 10**9)), min_size=50, max_size=100))
def test_quotients_round_the_same(ask: Ask, cases: list[tuple[Decimal, int]]) -> None:
    rows = ask(f"SELECT {half_up_sql('a', 'b')} FROM (VALUES {rows_sql(cases)}) AS v(a, b)")
    assert [row[0] for row in rows] == [half_up(Fraction(a) / b) for a, b in cases]


def test_a_quotient_a_hair_below_the_half_is_not_rounded_twice(ask: Ask) -> None:
    """round(a / b) gives 1: the division itself already rounded to 0.5."""
    a, b = "4999999999999999999999", "10000000000000000000000"
    asked = ask(f"SELECT round({a}::numeric / {b}), {half_up_sql(f'{a}::numeric', b)}")
    assert asked == [(1, 0)]


def test_days_cut_a_quantity_without_loss() -> None:
    assert cut(Decimal(10), [1, 1, 1]) == [
        Decimal("3.3333"), Decimal("3.3334"), Decimal("3.3333"),
    ]  # fmt: skip
    assert cut_fen(100, [12, 18]) == [40, 60]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 366), min_size=1, max_size=6))
def test_pieces_add_up(total: int, days: list[int]) -> None:
    assert sum(cut_fen(total, days)) == total
    quantity = Decimal(total).scaleb(-4)
    assert sum(cut(quantity, days)) == quantity


@pytest.mark.parametrize(("quantity", "days"), [("0.00001", [1]), ("1", []), ("1", [3, 0])])
def test_what_cannot_be_cut_is_a_bug(quantity: str, days: list[int]) -> None:
    with pytest.raises(ValueError, match=r"decimals|positive"):
        cut(Decimal(quantity), days)


@settings(max_examples=15, deadline=None)
@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 366), min_size=1, max_size=30))
def test_sql_cuts_the_same(ask: Ask, total: int, days: list[int]) -> None:
    gone = [sum(days[:i]) for i in range(len(days) + 1)]
    values = rows_sql(pairwise(gone))
    piece = cut_sql(f"{total}::numeric", "a", "b", f"{sum(days)}")
    rows = ask(f"SELECT {piece} FROM (VALUES {values}) AS v(a, b)")
    assert [row[0] for row in rows] == cut_fen(total, days)
