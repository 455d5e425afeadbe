"""The cookbook keeps its word: its Python runs, its formulas give what stands beside them."""

import doctest
import re
from decimal import Decimal
from pathlib import Path

import pytest

from domain.fees.calc.formula import FormulaError, FormulaFailed, check
from domain.fees.calc.formula.names import FUNCTION_WORDS, VARIABLE_WORDS
from domain.fees.calc.problems import SENTENCES, sentence

COOKBOOK = Path(__file__).parents[2] / "docs" / "fee-cookbook.md"
TEXT = COOKBOOK.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    """The lines of all fenced blocks of one language."""
    found = re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
    assert found, f"the cookbook has no {language} block"
    return [line for block in found for line in block.splitlines() if line.strip()]


def example(line: str) -> tuple[str, dict[str, Decimal], str]:
    """`公式 | 变量=数 … = result` -> formula, values by English name, result."""
    formula, _, rest = line.partition("|")
    given, _, result = rest.rpartition(" = ")
    pairs = (pair.split("=") for pair in given.split())
    return formula.strip(), {VARIABLE_WORDS[word]: Decimal(n) for word, n in pairs}, result.strip()


def test_the_python_examples_run() -> None:
    runner = doctest.DocTestRunner()
    source = "\n".join(blocks("python"))
    told: list[str] = []
    runner.run(
        doctest.DocTestParser().get_doctest(source, {}, COOKBOOK.name, str(COOKBOOK), 0),
        out=told.append,
    )
    results = runner.summarize(verbose=False)
    assert results.attempted > 30
    assert not results.failed, "".join(told)


@pytest.mark.parametrize("line", blocks("formula"))
def test_a_formula_gives_what_stands_beside_it(line: str) -> None:
    formula, values, result = example(line)
    assert check(formula).amount_fen(values) == Decimal(result) * 100


@pytest.mark.parametrize("line", blocks("fails"))
def test_a_formula_fails_for_a_room_as_told(line: str) -> None:
    formula, values, code = example(line)
    with pytest.raises(FormulaFailed) as failed:
        check(formula).amount_fen(values)
    assert failed.value.code == code
    assert sentence(code) == failed.value.message


@pytest.mark.parametrize("line", blocks("refused"))
def test_a_formula_is_refused_as_told(line: str) -> None:
    formula, _, message = line.rpartition(" = ")
    with pytest.raises(FormulaError) as refused:
        check(formula.strip())
    assert refused.value.message == message.strip()


def test_every_word_and_every_metered_problem_is_in_the_cookbook() -> None:
    assert [word for word in [*VARIABLE_WORDS, *FUNCTION_WORDS] if word not in TEXT] == []
    named = {code for code in SENTENCES if code.startswith(("reading", "payer", "price"))}
    assert [code for code in named if code not in TEXT] == []
