"""How a command says its result: words for people, or one JSON object."""

import json
import sys
from typing import Any

import typer

from deployments.stack.console import Console

AsJson = typer.Option("--json", help="只输出一个 JSON 对象")


def emit(result: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print one or the other on stdout."""
    print(as_one_line(result) if as_json else words)


def as_one_line(result: dict[str, Any]) -> str:
    """JSON that the stream can carry: with escapes where it is not UTF-8."""
    utf8 = (sys.stdout.encoding or "").lower().replace("_", "-") in ("utf-8", "utf8")
    return json.dumps(result, ensure_ascii=not utf8, default=str)


def console(*, as_json: bool) -> Console:
    """Where progress goes: stdout is kept for the JSON object."""
    return Console(sys.stderr if as_json else sys.stdout)
