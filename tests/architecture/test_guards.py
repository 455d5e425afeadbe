"""The house rules hold over the whole repository, and each guard proves that it is awake."""

import ast
from statistics import median, quantiles

import pytest

from tests.architecture.guards import imports, manners, money, tests_themselves, truth
from tests.architecture.guards.guard import Guard
from tests.architecture.source import PACKAGES, Source, product, sources

PRODUCT = [
    imports.IMPORTS, truth.STATUS, truth.CLOCK, truth.COMMIT, truth.SQL, money.MONEY,
    manners.DOCSTRINGS, manners.CATCH, manners.PRINT, manners.REFUSAL, manners.UNFINISHED,
]  # fmt: skip
EVERYWHERE = [manners.SIZE, tests_themselves.ASSERTS, tests_themselves.HOPE]
GUARDS = [*PRODUCT, *EVERYWHERE]
BAD = [(guard, *snippet) for guard in GUARDS for snippet in guard.bad]
GOOD = [(guard, *snippet) for guard in GUARDS for snippet in guard.good]


@pytest.mark.parametrize("guard", PRODUCT, ids=lambda guard: guard.rule)
def test_the_product_keeps_the_rule(guard: Guard) -> None:
    found = guard.findings(product())
    assert not found, explained(guard, found)


@pytest.mark.parametrize("guard", EVERYWHERE, ids=lambda guard: guard.rule)
def test_product_and_tests_keep_the_rule(guard: Guard) -> None:
    found = guard.findings(file for file in sources() if not file.under("domain/migrations"))
    assert not found, explained(guard, found)


@pytest.mark.parametrize(("guard", "path", "code"), BAD)
def test_every_guard_can_fail(guard: Guard, path: str, code: str) -> None:
    assert guard.findings([Source(path, code)]), f"let pass, though {guard.rule}: {code[:80]}"


@pytest.mark.parametrize(("guard", "path", "code"), GOOD)
def test_no_guard_cries_wolf(guard: Guard, path: str, code: str) -> None:
    assert guard.findings([Source(path, code)]) == []


def test_most_files_and_functions_are_read_at_a_glance() -> None:
    files = [file.text.count("\n") for file in product() if not file.path.endswith("__init__.py")]
    functions = [
        manners.length(node)
        for file in sources() if file.under(*PACKAGES)
        for node in file.nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]  # fmt: skip
    assert median(files) <= 100, f"the median file has {median(files)} lines"
    assert median(functions) <= 10, f"the median function has {median(functions)} lines"
    assert p95(functions) <= 35, f"one function in twenty has over {p95(functions)} lines"


def p95(sizes: list[int]) -> float:
    """19 of 20 are at most this."""
    return quantiles(sizes, n=20)[-1]


def explained(guard: Guard, found: list[str]) -> str:
    """The rule, then every place that breaks it."""
    return "\n".join([f"rule: {guard.rule}", *found])
