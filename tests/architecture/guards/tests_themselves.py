"""Tests that can fail, and that do not wait for luck."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tests.architecture.guards.guard import Finding, Guard, called, calls, line_of
from tests.architecture.source import PACKAGES, Source, sources

Function = ast.FunctionDef | ast.AsyncFunctionDef
PROVES = re.compile(r"(^|\.)(raises|fail|warns|expect|assert_\w+)$")


@lru_cache(maxsize=1)
def shared_proofs() -> frozenset[str]:
    """Names of the functions outside test files that assert something: helpers of many tests."""
    helpers = [file for file in sources() if file.under("tests") and not _is_test_file(file)]
    return frozenset().union(*(proofs(file, frozenset()) for file in helpers))


def proofs(file: Source, known: frozenset[str]) -> frozenset[str]:
    """Functions of a file that assert, or call one that does."""
    functions = [node for node in file.nodes if isinstance(node, Function)]
    found: frozenset[str] = frozenset()
    while grown := {f.name for f in functions if _asserts(f, known | found)} - found:
        found |= grown
    return found


def proves_nothing(file: Source) -> Iterator[Finding]:
    """Test files without a test, and tests that hold whatever happens."""
    if not _is_test_file(file):
        return
    tests = [
        node for node in file.nodes
        if isinstance(node, Function) and node.name.startswith("test")
    ]  # fmt: skip
    if not tests and not any("RuleBasedStateMachine" in file.said(n) for n in file.tree.body):
        yield 1, "a test file without a test"
    proved = proofs(file, shared_proofs())
    for test in tests:
        if test.name not in proved:
            yield line_of(test), f"`{test.name}` asserts nothing"


def _is_test_file(file: Source) -> bool:
    return bool(re.search(r"(^|/)test_[^/]*\.py$", file.path))


def _asserts(function: Function, helpers: frozenset[str]) -> bool:
    return any(_proof(node, helpers) for part in function.body for node in ast.walk(part))


def _proof(node: ast.AST, helpers: frozenset[str]) -> bool:
    if isinstance(node, ast.Assert):
        return not (isinstance(node.test, ast.Constant) and node.test.value)
    name = called(node)
    return bool(PROVES.search(name)) or name.rpartition(".")[2] in helpers


ASSERTS = Guard(
    "every test can fail",
    proves_nothing,
    bad=(
        ("tests/test_x.py", "x = 1"),
        ("tests/test_x.py", "def test_x():\n    run()"),
        ("tests/test_x.py", "def test_x():\n    assert True"),
        ("tests/test_x.py", "def test_x():\n    show(1)\ndef show(x):\n    print(x)"),
    ),
    good=(
        ("tests/test_x.py", "def test_x():\n    assert run() == 1"),
        ("tests/test_x.py", "def test_x():\n    with pytest.raises(NotFound): run()"),
        ("tests/test_x.py", "def test_x():\n    check_cell(life, 'paid')"),
        ("tests/test_x.py", "def test_x(): a()\ndef a(): b()\ndef b():\n    assert run() == 1"),
        ("tests/helpers.py", "x = 1"),
    ),
)


def hopes(file: Source) -> Iterator[Finding]:
    """Sleeps outside a loop that polls, mocks of our own things, tests switched off."""
    if not file.under("tests"):
        return
    polled = {id(part) for node in file.nodes if isinstance(node, ast.While | ast.For)
              for part in ast.walk(node)}  # fmt: skip
    for call in calls(file):
        name = called(call)
        if name in ("time.sleep", "sleep", "asyncio.sleep") and id(call) not in polled:
            yield line_of(call), "sleeps for luck: poll with a deadline"
        if name.endswith("monkeypatch.setattr") and _ours(call):
            yield line_of(call), "replaces a thing of ours: use the real one"
        if re.search(r"\bmark\.(skip|xfail)$|^(skip|xfail)$", name):
            yield line_of(call), "a test switched off: mend it or delete it"
    for node in file.nodes:
        if isinstance(node, ast.ImportFrom) and node.module in ("unittest.mock", "mock"):
            yield line_of(node), "mocks: use the real thing, or the sandbox"


def _ours(call: ast.Call) -> bool:
    first = call.args[0] if call.args else None
    named = first.value if isinstance(first, ast.Constant) else ""
    if not isinstance(named, str) or named.rpartition(".")[2].isupper():
        return False  # a limit made smaller is still the real thing
    if any(isinstance(part, ast.Lambda) and "1 // 0" in ast.unparse(part) for part in call.args):
        return False  # a bug put in on purpose
    return named.split(".")[0] in PACKAGES


HOPE = Guard(
    "tests use the real thing and wait for it",
    hopes,
    bad=(
        ("tests/test_x.py", "time.sleep(2)"),
        ("tests/test_x.py", "from unittest.mock import patch"),
        ("tests/test_x.py", "monkeypatch.setattr('domain.clock.now', f)"),
        ("tests/test_x.py", "@pytest.mark.skip(reason='later')\ndef test_x(): assert run()"),
    ),
    good=(
        ("tests/test_x.py", "while not ready(): time.sleep(0.05)"),
        ("tests/test_x.py", "monkeypatch.setenv('TZ', 'UTC')"),
        ("tests/test_x.py", "monkeypatch.setattr('gateway.excel.limits.ROWS', 10)"),
        ("tests/test_x.py", "monkeypatch.setattr('domain.clock.now', lambda: 1 // 0)"),
        (
            "tests/test_x.py",
            "@pytest.mark.skipif(no_chromium, reason='x')\ndef test_x(): assert f()",
        ),
    ),
)
