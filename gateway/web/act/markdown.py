"""The little markdown our flows write, as safe HTML: everything is escaped first, and only our own
marks become tags. Links stay words: what a page may lead to is the page's own decision.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

COMMANDS = "在命令行里"
"""The heading below which a run speaks to operators, not to colleagues at the desk."""
MOST_ROWS = 50
MOST_TEXT = 20_000
HEADINGS = ("h3", "h4")
STRONG = re.compile(r"\*\*(.+?)\*\*")
CODE = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


@dataclass(frozen=True)
class Block:
    """`kind` is h3, h4, p, ul or pre; a list or code has several lines."""

    kind: str
    lines: list[Markup]


def blocks(text: Any) -> list[Block]:
    """Headings, lists, indented code and paragraphs, down to the commands for operators; anything
    else reads as it was written.
    """
    found: list[Block] = []
    last = ""
    for line in str(text or "")[:MOST_TEXT].splitlines():
        kind, words = _kind(line)
        if kind in HEADINGS and words == COMMANDS:
            break
        if kind and kind == last and kind in ("ul", "pre"):
            found[-1].lines.append(_marked(words))
        elif kind:
            found.append(Block(kind, [_marked(words)]))
        last = kind
    return found


def rows(data: Any) -> list[dict[str, str]]:
    """The rows of a table artifact as text, at most `MOST_ROWS`; none where it is no table."""
    try:
        told = json.loads(data) if isinstance(data, str) else data
    except ValueError:
        return []
    if not isinstance(told, list):
        return []
    return [
        {str(name): "" if value is None else str(value) for name, value in row.items()}
        for row in told[:MOST_ROWS]
        if isinstance(row, dict)
    ]


def _kind(line: str) -> tuple[str, str]:
    """The tag of a line, and its words; no tag where there is nothing."""
    if line.startswith("    ") and line.strip():
        return "pre", line.strip()
    if found := re.match(r"(#{1,6}) +(.*)", line):
        return ("h3" if len(found[1]) < 3 else "h4"), found[2]
    if found := re.match(r"[-*] +(.*)", line):
        return "ul", found[1]
    return ("p", line.strip()) if line.strip() else ("", "")


def _marked(words: str) -> Markup:
    safe = str(escape(words))
    safe = LINK.sub(r"\1", safe)
    safe = STRONG.sub(r"<strong>\1</strong>", safe)
    return Markup(CODE.sub(r"<code>\1</code>", safe))  # noqa: S704 - escaped above; our tags only
