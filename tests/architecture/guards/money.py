"""Money is whole fen."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.guards.guard import Finding, Guard, called, dotted, line_of, texts
from tests.architecture.source import Source

INEXACT_COLUMNS = {"Float", "FLOAT", "Double", "DOUBLE", "DOUBLE_PRECISION", "REAL"}
INEXACT_SQL = re.compile(
    r"::\s*(float\d?|real)\b|\bdouble precision\b|\bAS (float|real)\b", re.IGNORECASE
)
ADVICE = "fen are int, prices Decimal; domain.money rounds and splits"


def inexact_money(file: Source) -> Iterator[Finding]:
    """Floats, true division and inexact columns where fen are."""
    for node in file.nodes:
        if said := _inexact(file, node):
            yield line_of(node), f"{said}: {ADVICE}"
    if file.under("domain", "statemachines", "flows"):
        for line, text in texts(file):
            if hit := INEXACT_SQL.search(text):
                yield line, f"inexact number in SQL ({hit.group()}): {ADVICE}"


def _inexact(file: Source, node: ast.AST) -> str:
    match node:
        case ast.Call() if called(node) == "float" and _mentions_fen(node):
            return "float() of fen"
        case ast.BinOp(op=ast.Div()) if _is_fen(node.left) or _is_fen(node.right):
            exact = "Decimal" in (called(node.left), called(node.right))
            return "" if exact else f"`{file.said(node)}` divides fen"
        case ast.BinOp() if _is_fen(node.left) or _is_fen(node.right):
            return f"`{file.said(node)}` mixes fen and float" if _has_float(node) else ""
        case ast.AnnAssign() | ast.arg() if node.annotation is not None:
            return _inexact_annotation(file, node)
        case ast.Name(id="float") if file.under("domain/bills", "domain/fees", "domain/payments"):
            return "float where amounts are made"
        case ast.ImportFrom() if (node.module or "").startswith("sqlalchemy"):
            wrong = INEXACT_COLUMNS & {alias.name for alias in node.names}
            return f"column type {', '.join(sorted(wrong))}" if wrong else ""
    return ""


def _inexact_annotation(file: Source, node: ast.AnnAssign | ast.arg) -> str:
    name = node.arg if isinstance(node, ast.arg) else dotted(node.target)
    if not name.endswith("_fen") or node.annotation is None:
        return ""
    words = file.said(node.annotation)
    return f"`{name}: {words}`" if re.search(r"\b(float|Decimal)\b", words) else ""


def _is_fen(node: ast.AST) -> bool:
    return dotted(node).endswith("_fen")


def _mentions_fen(node: ast.AST) -> bool:
    return any(_is_fen(part) for part in ast.walk(node))


def _has_float(node: ast.BinOp) -> bool:
    return any(
        isinstance(side, ast.Constant) and isinstance(side.value, float)
        for side in (node.left, node.right)
    )


MONEY = Guard(
    "money is whole fen, never a float",
    inexact_money,
    bad=(
        ("gateway/x.py", "shown = float(bill.total_fen)"),
        ("gateway/x.py", "shown = bill.total_fen / 100"),
        ("domain/x.py", "tax_fen = amount_fen * 0.06"),
        ("domain/x.py", "def pay(amount_fen: float) -> None: ..."),
        ("domain/x.py", "total_fen: Mapped[Decimal]"),
        ("domain/fees/x.py", "rate: float"),
        ("domain/x.py", "from sqlalchemy import Float"),
        ("domain/x.py", "q = 'sum(amount_fen)::float'"),
    ),
    good=(
        ("domain/x.py", "total_fen: Mapped[int]"),
        ("domain/x.py", "shown = abs(fen) // 100"),
        ("domain/x.py", "shown = line.amount_fen / Decimal(100)"),
        ("domain/x.py", "part = round_fen(Decimal(total_fen) * rate)"),
        ("flows/x.py", "progress = 100 * done / total"),
    ),
)
