"""How code is written: documented, short, honest about errors, and in the reader's language."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from tests.architecture.guards.guard import (
    Finding,
    Guard,
    called,
    calls,
    chinese,
    dotted,
    line_of,
    literal_part,
)  # fmt: skip
from tests.architecture.source import PACKAGES, Source, sources

FILE_LINES = 250
FUNCTION_LINES = 60
REASON = re.compile(r"# noqa: BLE001 - \w.{15,}")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def undocumented(file: Source) -> Iterator[Finding]:
    """Public modules, classes and functions without a docstring."""
    if not file.under("domain", "statemachines", "flows", "gateway"):
        return
    if not ast.get_docstring(file.tree):
        yield 1, "the module does not say what it is"
    for node in file.tree.body:
        if isinstance(node, Function | ast.ClassDef) and not (
            node.name.startswith("_") or ast.get_docstring(node)
        ):
            yield line_of(node), f"`{node.name}` does not say what it promises"


DOCSTRINGS = Guard(
    "what is public says what it promises",
    undocumented,
    bad=(
        ("domain/x.py", "x = 1"),
        ("domain/x.py", '"""A module."""\ndef total(): return 1'),
        ("gateway/x.py", '"""A module."""\nclass Page: pass'),
        ("flows/x.py", '"""A module."""\nasync def chase(): return 1'),
    ),
    good=(
        ("domain/x.py", '"""A module."""\ndef _helper(): return 1'),
        ("domain/x.py", '"""A module."""\ndef total():\n    """Fen of all lines."""'),
    ),
)


def oversized(file: Source) -> Iterator[Finding]:
    """Files and functions nobody reads at one sitting."""
    lines = file.text.count("\n")
    if lines > FILE_LINES and file.under(*PACKAGES):
        yield 1, f"{lines} lines; {FILE_LINES} is the most: split by what it is about"
    for node in file.nodes:
        if isinstance(node, Function) and (size := length(node)) > FUNCTION_LINES:
            yield line_of(node), f"`{node.name}` has {size} lines; {FUNCTION_LINES} is the most"


def length(node: Function) -> int:
    """Lines from `def` to the last."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


SIZE = Guard(
    "files and functions stay short",
    oversized,
    bad=(
        ("domain/x.py", "x = 1\n" * (FILE_LINES + 1)),
        ("tests/x.py", "def long():\n" + "    x = 1\n" * FUNCTION_LINES),
    ),
    good=(
        ("domain/x.py", "x = 1\n" * FILE_LINES),
        ("domain/x.py", "def short():\n" + "    x = 1\n" * (FUNCTION_LINES - 1)),
    ),
)


def broad_catch(file: Source) -> Iterator[Finding]:
    """Handlers that swallow every error there is."""
    lines = file.text.splitlines()
    for node in file.nodes:
        if isinstance(node, ast.ExceptHandler) and _catches_all(node.type):
            raised = any(isinstance(part, ast.Raise) and not part.exc for part in ast.walk(node))
            if not raised and not _excused(file, lines[node.lineno - 1]):
                yield line_of(node), "catches everything: name the error, or raise it again"
    for call in calls(file):
        if called(call).endswith("suppress") and any(map(_catches_all, call.args)):
            yield line_of(call), "suppresses everything: name the error"


def _excused(file: Source, line: str) -> bool:
    """At the outer edges, with the reason written beside it."""
    return file.under("gateway/web", "deployments") and bool(REASON.search(line))


def _catches_all(kind: ast.AST | None) -> bool:
    if isinstance(kind, ast.Tuple):
        return any(map(_catches_all, kind.elts))
    return kind is None or dotted(kind) in ("Exception", "BaseException")


EXCUSE = "# noqa: BLE001 - the last place that can tell the person anything"
CATCH = Guard(
    "errors are named; a bug crashes loudly",
    broad_catch,
    bad=(
        ("flows/x.py", "try: send()\nexcept Exception: pass"),
        ("flows/x.py", "try: send()\nexcept: log()"),
        ("flows/x.py", "try: send()\nexcept (OSError, Exception) as e: log(e)"),
        ("flows/x.py", "with suppress(Exception): send()"),
        ("flows/x.py", f"try: send()\nexcept Exception: {EXCUSE}\n    pass"),
        ("gateway/web/x.py", "try: send()\nexcept Exception: # noqa: BLE001\n    pass"),
    ),
    good=(
        ("gateway/web/x.py", f"try: send()\nexcept Exception: {EXCUSE}\n    pass"),
        ("flows/x.py", "try: send()\nexcept OSError: retry()"),
        ("flows/x.py", "try: send()\nexcept BaseException:\n    stop()\n    raise"),
    ),
)


def printed(file: Source) -> Iterator[Finding]:
    """`print` where nobody reads a terminal."""
    if file.under("domain", "statemachines", "flows", "gateway") and not file.path.endswith(
        "__main__.py"
    ):
        for call in calls(file):
            if called(call) in ("print", "pprint"):
                yield line_of(call), "print: write an artifact or a log line"


PRINT = Guard(
    "nothing below the command line prints",
    printed,
    bad=(("domain/x.py", "print(total)"), ("flows/x.py", "print('完成')")),
    good=(("deployments/cli/x.py", "print(total)"), ("flows/x.py", "logger.info('完成')")),
)

LATER = re.compile(r"\b(TODO|FIXME|XXX)\b|raise NotImplementedError")


def put_off(file: Source) -> Iterator[Finding]:
    """Work left for later, and bodies that are only a promise."""
    for number, line in enumerate(file.text.splitlines(), 1):
        if hit := LATER.search(line):
            yield number, f"{hit.group()}: do it, or write it down where work is planned"


UNFINISHED = Guard(
    "nothing is left for later",
    put_off,
    bad=(
        ("domain/x.py", "x = 1  # TODO: tiers"),
        ("flows/x.py", "raise NotImplementedError"),
    ),
    good=(("domain/x.py", "todo = [chunk for chunk in chunks]"),),
)

BASE = "BackOfficeError"


@lru_cache(maxsize=1)
def refusals() -> frozenset[str]:
    """Names of the refusals whose first argument is their sentence (no constructor of their own)."""
    classes = [
        node
        for file in sources() if file.under(*PACKAGES)
        for node in file.nodes if isinstance(node, ast.ClassDef)
    ]  # fmt: skip
    found = {BASE}
    while grown := {node.name for node in classes if _built_like(node, found)} - found:
        found |= grown
    return frozenset(found)


def _built_like(node: ast.ClassDef, known: set[str] | frozenset[str]) -> bool:
    own = any(isinstance(part, Function) and part.name == "__init__" for part in node.body)
    return not own and any(dotted(base).rpartition(".")[2] in known for base in node.bases)


def foreign_refusal(file: Source) -> Iterator[Finding]:
    """Refusals whose sentence a clerk cannot read, or that carry what only programmers know."""
    here = [node for node in file.tree.body if isinstance(node, ast.ClassDef)]
    others = {node.name for node in here if not _built_like(node, refusals())}
    for call in calls(file):
        name = called(call).rpartition(".")[2]
        if name in refusals() - others and call.args:
            text = literal_part(call.args[0])
            if re.search("[A-Za-z]{2}", text) and not chinese(text):
                yield line_of(call), f"{name} says “{text}”: a refusal speaks Chinese"
            elif re.search(r"Traceback|Error\b|Exception\b|\bNone\b|\bnull\b", text):
                yield line_of(call), f"{name} says “{text}”: that is for programmers"


REFUSAL = Guard(
    "a refusal is a Chinese sentence",
    foreign_refusal,
    bad=(
        ("domain/x.py", "raise NotFound('no such bill')"),
        ("domain/x.py", "raise Invalid(f'bad value {x}')"),
        ("domain/x.py", "raise errors.Conflict('出现 KeyError')"),
    ),
    good=(
        ("domain/x.py", "raise NotFound(f'没有账单号为 {no} 的账单')"),
        ("domain/x.py", "raise ValueError('weights must not be zero')"),
        ("flows/x.py", "class NotFound(RuntimeError): pass\nraise NotFound('no such thing')"),
    ),
)
