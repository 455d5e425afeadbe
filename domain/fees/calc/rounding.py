"""Exact until the end: one rounding, half away from zero, the same in Python and PostgreSQL."""

from decimal import Decimal
from fractions import Fraction
from itertools import pairwise


def half_up(exact: Fraction) -> int:
    """The nearest integer; halves go away from zero (2.5 -> 3, -2.5 -> -3)."""
    size, whole = abs(exact.numerator), exact.denominator
    rounded = (2 * size + whole) // (2 * whole)
    return rounded if exact >= 0 else -rounded


def half_up_sql(numerator: str, denominator: str) -> str:
    """SQL for the nearest integer of a quotient of two numerics, `denominator` > 0.

    `round(a / b)` would round twice, first to the scale that `/` chose. `div` cuts exactly: the
    whole halves of the quotient, of which `round` then makes whole ones.
    """
    return f"round(div(2 * ({numerator}), {denominator}) * 0.5)"


def cut(quantity: Decimal, days: list[int]) -> list[Decimal]:
    """Cut a quantity in proportion to days, in steps of 0.0001; the pieces add up to it exactly.

    Each piece runs from one rounded running total to the next, so no piece needs the others.
    """
    return [Decimal(part).scaleb(-4) for part in _cut(Fraction(quantity) * 10_000, days)]


def cut_fen(total_fen: int, days: list[int]) -> list[int]:
    """Cut an amount in proportion to days; the pieces add up to it exactly."""
    return _cut(Fraction(total_fen), days)


def _cut(total: Fraction, days: list[int]) -> list[int]:
    if total.denominator != 1:
        raise ValueError("quantities have at most four decimals")
    if not days or min(days) <= 0:
        raise ValueError("days must be positive")
    marks, gone = [0], 0
    for count in days:
        gone += count
        marks.append(half_up(total * gone / sum(days)))
    return [after - before for before, after in pairwise(marks)]
