"""How a command says its result: words for people, or one JSON object."""

import json
import sys
from typing import Any

import typer

from deployments.stack.console import Console

AsJson = typer.Option("--json", help="只输出一个 JSON 对象")


def emit(result: dict[str, Any], words: str, *, as_json: bool) -> None:
    """Print one or the other on stdout."""
    print(json.dumps(result, ensure_ascii=False, default=str) if as_json else words)


def console(*, as_json: bool) -> Console:
    """Where progress goes: stdout is kept for the JSON object."""
    return Console(sys.stderr if as_json else sys.stdout)
