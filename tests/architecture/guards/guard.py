"""What a guard is, and small questions guards ask of a syntax tree."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from tests.architecture.source import Source

Finding = tuple[int, str]


@dataclass(frozen=True)
class Guard:
    """One rule: `look` yields findings; `bad` and `good` are (path, code) it must catch or pass."""

    rule: str
    look: Callable[[Source], Iterable[Finding]]
    bad: tuple[tuple[str, str], ...]
    good: tuple[tuple[str, str], ...]

    def findings(self, files: Iterable[Source]) -> list[str]:
        """`path:line what is wrong`, for people and editors."""
        return [f"{file.path}:{line} {said}" for file in files for line, said in self.look(file)]


def called(node: ast.AST) -> str:
    """The dotted name a call calls ("datetime.now"), or the last part of a longer chain."""
    if not isinstance(node, ast.Call):
        return ""
    return dotted(node.func)


def dotted(node: ast.AST) -> str:
    """`a.b.c` as written; `.c` after anything that is not a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""


def line_of(node: ast.AST) -> int:
    """Where a node begins."""
    return int(getattr(node, "lineno", 1))


def calls(file: Source) -> Iterator[ast.Call]:
    """Every call of a file."""
    return (node for node in file.nodes if isinstance(node, ast.Call))


def texts(file: Source) -> Iterator[tuple[int, str]]:
    """Every text of a file that is not a docstring, f-strings with their holes left out."""
    skipped = {id(part) for node in file.nodes for part in _docstring_or_parts(node)}
    for node in file.nodes:
        if isinstance(node, ast.JoinedStr) or (
            isinstance(node, ast.Constant) and id(node) not in skipped
        ):
            yield line_of(node), literal_part(node)


def literal_part(node: ast.AST) -> str:
    """What a text says without its holes; empty for anything else."""
    if isinstance(node, ast.JoinedStr):
        return "…".join(literal_part(part) for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def speaks_sql(text: str) -> bool:
    """Whether a text looks like a statement rather than a sentence."""
    return bool(re.search(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|VALUES|WHERE)\b", text))


def chinese(text: str) -> bool:
    """Whether there is anything in it a clerk would read."""
    return bool(re.search(r"[一-鿿]", text))


def _docstring_or_parts(node: ast.AST) -> Iterator[ast.AST]:
    if isinstance(node, ast.JoinedStr):
        yield from node.values
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.Expr):
        yield body[0].value
