"""收费公式: a small safe language, read once and computed alike in Python and in PostgreSQL."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from domain.fees.calc.formula.build import Builder
from domain.fees.calc.formula.compile import Columns, ratio
from domain.fees.calc.formula.errors import FormulaError, FormulaFailed
from domain.fees.calc.formula.evaluate import Values, value
from domain.fees.calc.formula.grammar import parse
from domain.fees.calc.formula.names import VARIABLES
from domain.fees.calc.formula.nodes import Node, names
from domain.fees.calc.formula.normalise import normalise
from domain.fees.calc.rounding import half_up, half_up_sql
from domain.fees.calc.units import MAX_AMOUNT_FEN, MONTH_UNITS


@dataclass(frozen=True, slots=True)
class FormulaSql:
    """SQL expressions: `amount_fen` (bigint) is NULL exactly where `error` (a code) is not."""

    amount_fen: str
    error: str


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that passed `check`. Its result is yuan."""

    text: str
    node: Node
    names: frozenset[str]

    @property
    def per_month(self) -> bool:
        """No 月数, 天数 or 周期天数 in it: the result is for one month, and months multiply it."""
        return not any(VARIABLES[name].time for name in self.names)

    def value(self, values: Values) -> Fraction:
        """The exact number of yuan the formula gives; `FormulaFailed` where it gives none."""
        return value(self.node, values)

    def amount_fen(
        self, values: Values, *, month_units: int = MONTH_UNITS, discount: Decimal = Decimal(0)
    ) -> int:
        """Fen, rounded once. `month_units` (1/377,580 months) count if the formula is `per_month`.

        Raises `FormulaFailed`: missing value, zero divisor, negative or absurdly large amount.
        """
        months = Fraction(month_units, MONTH_UNITS) if self.per_month else Fraction(1)
        fen = half_up(self.value(values) * 100 * months * (1 - Fraction(discount)))
        if fen < 0:
            raise FormulaFailed("formula_negative")
        if fen > MAX_AMOUNT_FEN:
            raise FormulaFailed("formula_too_large")
        return fen

    def sql(
        self, columns: Columns, *, month_units: str = f"{MONTH_UNITS}", discount: str = "0"
    ) -> FormulaSql:
        """`amount_fen` for every row: `columns` maps variable names to SQL expressions."""
        found = ratio(self.node, columns)
        top = f"({found.top} * 100 * (1 - {discount}))"
        bottom = found.bottom
        if self.per_month:
            top, bottom = f"({top} * {month_units})", f"({bottom} * {MONTH_UNITS})"
        fen = half_up_sql(top, f"NULLIF({bottom}, 0)")
        range_error = (
            f"CASE WHEN {fen} < 0 THEN 'formula_negative'"
            f" WHEN {fen} > {MAX_AMOUNT_FEN} THEN 'formula_too_large' END"
        )
        error = f"COALESCE({found.error or 'NULL'}, {range_error})"
        return FormulaSql(f"(CASE WHEN {error} IS NULL THEN {fen}::bigint END)", error)


def check(text: str) -> Formula:
    """Read a formula as a person typed it; what is called when a fee item is saved.

    Refuses with a `FormulaError` (typed, Chinese, with the position): syntax, unknown names,
    types, arguments, a divisor that is always 0, length, depth.
    """
    plain = normalise(text)
    node = Builder(plain).number(parse(plain))
    used = frozenset(names(node))
    ratio(node, {name: (f"{name}_top", f"{name}_bottom") for name in used})
    return Formula(text.strip(), node, used)


__all__ = ["Columns", "Formula", "FormulaError", "FormulaFailed", "FormulaSql", "check"]
