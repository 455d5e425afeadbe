"""What can be wrong with a formula: when it is saved (with a position), and for one room."""

from typing import Any

from domain.errors import Invalid
from domain.fees.calc.formula.names import VARIABLES


class FormulaError(Invalid):
    """A formula that cannot be saved. `facts["position"]` counts characters from 1."""

    code = "formula_invalid"

    def __init__(self, message: str, *, position: int | None = None, **facts: Any) -> None:
        place = f"公式第 {position} 个字处：" if position else ""
        super().__init__(f"{place}{message}", position=position, **facts)


class FormulaSyntax(FormulaError):
    """A typing mistake: a missing bracket, two operators in a row, a stray character."""

    code = "formula_syntax"


class FormulaUnknownName(FormulaError):
    """A word that is neither a variable nor a function."""

    code = "formula_unknown_name"


class FormulaType(FormulaError):
    """A condition where a number belongs, or the other way round."""

    code = "formula_type"


class FormulaArguments(FormulaError):
    """A function with too few, too many or unusable arguments."""

    code = "formula_arguments"


class FormulaDivisionByZero(FormulaError):
    """A divisor that is always 0."""

    code = "formula_division_by_zero"


class FormulaTooLong(FormulaError):
    """More characters than a formula may have."""

    code = "formula_too_long"


class FormulaTooDeep(FormulaError):
    """More brackets inside brackets, or more computing, than a formula may have."""

    code = "formula_too_deep"


FAILURES = {
    "formula_division_by_zero": "公式里除数为 0，请检查这套房屋的数据或修改公式。",
    "formula_negative": "公式算出的金额是负数，请检查公式（可以写成 最大(0, …)）。",
    "formula_too_large": "公式算出的金额超过一亿元，请核对公式和数据。",
}
MISSING = "formula_missing."


class FormulaFailed(FormulaError):
    """No result for this room. `code` is a key of FAILURES or `formula_missing.<variable>`."""

    code = "formula_failed"

    def __init__(self, code: str) -> None:
        super().__init__(failure_sentence(code))
        self.code = code


def missing(name: str) -> str:
    """The code for a room that has no value for a variable."""
    return MISSING + name


def failure_sentence(code: str) -> str:
    """The Chinese sentence for a failure code."""
    if code.startswith(MISSING):
        word = VARIABLES[code.removeprefix(MISSING)].chinese
        return f"房屋没有“{word}”，公式算不出金额，请先补录。"
    return FAILURES[code]
