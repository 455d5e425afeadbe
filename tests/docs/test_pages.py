"""Links resolve, what pages name exists, decisions have one shape."""

import re
from pathlib import Path

import pytest

from domain.models import metadata
from tests.architecture.source import ROOT
from tests.docs import markdown

DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
PARTS = ["## Context", "## Decision", "## Consequences", "## Enforced by"]
FOLDERS = "domain|statemachines|flows|gateway|deployments|tests|docs"
PATH = re.compile(rf"(?:{FOLDERS})(?:/[\w.-]+)+/?|[\w-]+\.(?:yaml|toml|lock)")
CONSTRAINT = re.compile(r"(?:uq|ck|ex|ix|fk)_\w+")

every_page = pytest.mark.parametrize(
    "page", markdown.pages(), ids=lambda page: page.relative_to(ROOT).as_posix()
)


def dangling(page: Path, text: str) -> list[str]:
    """Links of a page that lead nowhere inside the repository."""
    return [link for link in markdown.links(text) if not _resolves(page, link)]


def _resolves(page: Path, link: str) -> bool:
    if re.match(r"[a-z]+:", link):
        return True
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in markdown.anchors(target.read_text("utf-8"))


def unknown(text: str) -> list[str]:
    """Paths and constraints in backticks that do not exist."""
    words = markdown.codes(text)
    paths = [word for word in words if PATH.fullmatch(word) and not (ROOT / word).exists()]
    constraints = [word for word in words if CONSTRAINT.fullmatch(word)]
    return paths + [name for name in constraints if name not in constraint_names()]


def constraint_names() -> set[str]:
    """Names of every constraint and index of the model."""
    return {
        str(thing.name)
        for table in metadata.tables.values()
        for thing in (*table.constraints, *table.indexes)
    }


@every_page
def test_every_link_leads_somewhere(page: Path) -> None:
    assert dangling(page, page.read_text("utf-8")) == []


@every_page
def test_what_a_page_names_exists(page: Path) -> None:
    assert unknown(page.read_text("utf-8")) == []


def test_a_dangling_link_would_be_seen() -> None:
    text = "[a](no/such.md) [b](docs/glossary.md#no-such) [c](docs/glossary.md) [d](LICENSE)"
    assert dangling(ROOT / "README.md", text) == ["no/such.md", "docs/glossary.md#no-such"]


def test_a_name_that_does_not_exist_would_be_seen() -> None:
    text = "`domain/nothing.py` `domain/money.py` `uq_nothing` `uq_letter_key` `ruff.toml`"
    assert unknown(text) == ["domain/nothing.py", "ruff.toml", "uq_nothing"]


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(page.name[:4]) for page in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    assert len(DECISIONS) >= 8


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.name)
def test_a_decision_is_one_page_of_one_shape(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.name[:4]} ")
    assert re.findall(r"^## .+$", text, re.MULTILINE) == PARTS
    assert text.count("\n") <= 60, "one page"
    enforced = markdown.section(text, "Enforced by")
    assert markdown.codes(enforced), "name the constraint, test or lint that holds it"


def test_every_decision_is_listed_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    listed = [link for link in markdown.links(text) if link.startswith("decisions/")]
    assert listed == [f"decisions/{page.name}" for page in DECISIONS]


def test_the_architecture_has_a_diagram_for_everybody() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    assert len(markdown.fences(text, "mermaid")) == 1
    assert len(markdown.fences(text, "text")) >= 1
