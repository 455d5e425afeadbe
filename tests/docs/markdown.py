"""Small questions about Markdown pages."""

import re
from pathlib import Path

from tests.architecture.source import ROOT, kept_files

FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def pages() -> list[Path]:
    """Every Markdown page of the repository."""
    return [ROOT / name for name in kept_files() if name.suffix == ".md"]


def fences(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return [body for tongue, body in FENCE.findall(text) if tongue == language]


def prose(text: str) -> str:
    """The page without its fenced blocks."""
    return FENCE.sub("", text)


def links(text: str) -> list[str]:
    """Where the page links to."""
    return LINK.findall(prose(text))


def codes(text: str) -> list[str]:
    """What stands in backticks."""
    return CODE.findall(prose(text))


def rows(text: str) -> list[list[str]]:
    """The cells of every table row, header and ruler included."""
    return [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in prose(text).splitlines()
        if line.startswith("|")
    ]


def section(text: str, mark: str) -> str:
    """What stands under the heading that contains `mark`, up to the next heading; or nothing."""
    found = re.search(
        rf"^#+ [^\n]*{re.escape(mark)}[^\n]*\n(.*?)(?=^#+ |\Z)", text, re.MULTILINE | re.DOTALL
    )
    return found[1] if found else ""


def anchors(text: str) -> set[str]:
    """The anchors GitHub gives the headings."""
    heads = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}
