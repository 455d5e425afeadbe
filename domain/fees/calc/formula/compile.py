"""A formula as SQL: a quotient of two numerics, and an expression for what went wrong.

Numbers travel as numerator and denominator, so nothing is rounded before the end and PostgreSQL
gives what Python's fractions give. Denominators are kept positive. Nothing raises: what cannot
be computed is NULL, and `error` says why, so one bad room never fails a statement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from domain.fees.calc.formula.errors import FormulaTooDeep, missing
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
from domain.fees.calc.rounding import half_up_sql

MAX_SQL = 8_000
ONE = "1::numeric"

Columns: TypeAlias = Mapping[str, str | tuple[str, str]]
"""Variable name -> SQL of a number, or of numerator and positive denominator (exact months)."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """SQL of numerator, of a positive denominator, and of a failure code (None = cannot fail)."""

    top: str
    bottom: str
    error: str | None

    def __post_init__(self) -> None:
        if len(self.top) + len(self.bottom) + len(self.error or "") > MAX_SQL:
            raise FormulaTooDeep("公式太复杂，请拆成几个费用项目或写得简单些。")


def ratio(node: Node, columns: Columns) -> Ratio:
    """The SQL of a number."""
    match node:
        case Number(number):
            return Ratio(f"{number.numerator}::numeric", f"{number.denominator}::numeric", None)
        case Name(name):
            return _column(name, columns[name])
        case Sum(terms):
            return _sum([(sign, ratio(term, columns)) for sign, term in terms])
        case Product():
            return _product(node, columns)
        case Extreme(which, items):
            return _extreme(which, [ratio(item, columns) for item in items])
        case Rounded(how, item, digits):
            return _rounded(how, ratio(item, columns), digits)
        case Choice(condition, then, otherwise):
            return _choice(condition, ratio(then, columns), ratio(otherwise, columns), columns)


def _column(name: str, column: str | tuple[str, str]) -> Ratio:
    top, bottom = (column, "1") if isinstance(column, str) else column
    error = f"CASE WHEN ({top}) IS NULL THEN '{missing(name)}' END"
    return Ratio(f"({top})::numeric", f"{bottom}::numeric", error)


def _sum(terms: list[tuple[int, Ratio]]) -> Ratio:
    (sign, total), *rest = terms
    if sign < 0:
        total = Ratio(f"(-{total.top})", total.bottom, total.error)
    for sign, term in rest:
        operator = "+" if sign > 0 else "-"
        top = f"({_times(total.top, term.bottom)} {operator} {_times(term.top, total.bottom)})"
        total = Ratio(top, _times(total.bottom, term.bottom), _first(total.error, term.error))
    return total


def _product(node: Product, columns: Columns) -> Ratio:
    result = Ratio(ONE, ONE, None)
    for sign, factor in node.factors:
        other = ratio(factor, columns)
        if sign == "/":
            other = _inverse(other, known=isinstance(factor, Number))
        top, bottom = _times(result.top, other.top), _times(result.bottom, other.bottom)
        result = Ratio(top, bottom, _first(result.error, other.error))
    return result


def _inverse(divisor: Ratio, *, known: bool) -> Ratio:
    """One over a number; `known` to be positive, it needs neither sign nor test."""
    if known:
        return Ratio(divisor.bottom, divisor.top, None)
    zero = f"CASE WHEN {divisor.top} = 0 THEN 'formula_division_by_zero' END"
    top = _times(divisor.bottom, f"sign({divisor.top})")
    return Ratio(top, f"abs({divisor.top})", _first(divisor.error, zero))


def _extreme(which: str, items: list[Ratio]) -> Ratio:
    """All on one denominator: it is positive, so the order of the numerators is the order."""
    bottom, error = ONE, None
    for item in items:
        bottom, error = _times(bottom, item.bottom), _first(error, item.error)
    tops = []
    for i, item in enumerate(items):
        top = item.top
        for other in items[:i] + items[i + 1 :]:
            top = _times(top, other.bottom)
        tops.append(top)
    choose = "LEAST" if which == "min" else "GREATEST"
    return Ratio(f"{choose}({', '.join(tops)})", bottom, error)


def _rounded(how: str, item: Ratio, digits: int) -> Ratio:
    if item.bottom == ONE:
        places = f", {digits}" if how == "round" else ""
        return Ratio(f"{how}({item.top}{places})", ONE, item.error)
    top, bottom = _times(item.top, f"{10**digits}::numeric"), f"NULLIF({item.bottom}, 0)"
    whole = half_up_sql(top, bottom) if how == "round" else _whole(how, top, bottom)
    return Ratio(whole, f"{10**digits}::numeric", item.error)


def _whole(how: str, top: str, bottom: str) -> str:
    """Floor or ceiling of a quotient, without the rounding that `/` would do."""
    beyond, step = ("<", -1) if how == "floor" else (">", 1)
    quotient, rest = f"div({top}, {bottom})", f"mod({top}, {bottom})"
    return f"({quotient} + CASE WHEN {rest} {beyond} 0 THEN {step} ELSE 0 END)"


def _choice(condition: Condition, then: Ratio, otherwise: Ratio, columns: Columns) -> Ratio:
    left, right = ratio(condition.left, columns), ratio(condition.right, columns)
    test = f"{_times(left.top, right.bottom)} {condition.operator} {_times(right.top, left.bottom)}"

    def chosen(a: str, b: str) -> str:
        return a if a == b else f"(CASE WHEN {test} THEN {a} ELSE {b} END)"

    failed = chosen(then.error or "NULL", otherwise.error or "NULL")
    branch = None if failed == "NULL" else failed
    error = _first(_first(left.error, right.error), branch)
    return Ratio(chosen(then.top, otherwise.top), chosen(then.bottom, otherwise.bottom), error)


def _times(a: str, b: str) -> str:
    return b if a == ONE else a if b == ONE else f"({a} * {b})"


def _first(a: str | None, b: str | None) -> str | None:
    """The first failure from the left, as Python meets it."""
    if a is None or b is None or a == b:
        return a or b
    return f"COALESCE({a}, {b})"
