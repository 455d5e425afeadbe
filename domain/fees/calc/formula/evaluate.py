"""A formula's value for one room: exact fractions, and the first failure from the left."""

import operator
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import TypeAlias

from domain.fees.calc.formula.errors import FormulaFailed, missing
from domain.fees.calc.formula.nodes import (
    Choice,
    Condition,
    Extreme,
    Name,
    Node,
    Number,
    Product,
    Rounded,
    Sum,
)
from domain.fees.calc.rounding import half_up

Values: TypeAlias = Mapping[str, Decimal | int | Fraction | None]

COMPARE: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
    "=": operator.eq, "<>": operator.ne,
}  # fmt: skip
_ROUND: dict[str, Callable[[Fraction], int]] = {"round": half_up, "floor": floor, "ceil": ceil}


def value(node: Node, values: Values) -> Fraction:
    """The exact number; `FormulaFailed` for a missing value or a zero divisor."""
    match node:
        case Number(number):
            return number
        case Name(name):
            return _known(name, values)
        case Sum(terms):
            return sum((sign * value(term, values) for sign, term in terms), Fraction(0))
        case Product():
            return _product(node, values)
        case Extreme(which, items):
            found = [value(item, values) for item in items]
            return min(found) if which == "min" else max(found)
        case Rounded(how, item, digits):
            return Fraction(_ROUND[how](value(item, values) * 10**digits), 10**digits)
        case Choice(condition, then, otherwise):
            return value(then if _holds(condition, values) else otherwise, values)


def _known(name: str, values: Values) -> Fraction:
    found = values.get(name)
    if found is None:
        raise FormulaFailed(missing(name))
    return Fraction(found)


def _product(node: Product, values: Values) -> Fraction:
    result = Fraction(1)
    for sign, factor in node.factors:
        number = value(factor, values)
        if sign == "*":
            result *= number
        elif number == 0:
            raise FormulaFailed("formula_division_by_zero")
        else:
            result /= number
    return result


def _holds(condition: Condition, values: Values) -> bool:
    left, right = value(condition.left, values), value(condition.right, values)
    return COMPARE[condition.operator](left, right)
