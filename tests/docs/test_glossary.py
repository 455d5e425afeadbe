"""The glossary is whole: every table, every value of every enum, with the names people see."""

from enum import StrEnum

import pytest

from domain.meters.model import METER_KIND_NAMES
from domain.models import metadata
from domain.payments.model import PAYMENT_METHOD_NAMES
from domain.rooms.model import ROOM_KIND_NAMES
from statemachines.diagrams import lifecycles
from tests.architecture.guards.guard import chinese
from tests.architecture.source import ROOT
from tests.docs import facts, markdown

GLOSSARY = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def tables_told(page: str) -> dict[str, str]:
    """Table name -> Chinese name, of the first table of the glossary."""
    return {
        row[1].strip("`"): row[0]
        for row in markdown.rows(markdown.section(page, "Tables")) if row[1].startswith("`")
    }  # fmt: skip


def values_told(page: str, kind: str) -> dict[str, str]:
    """Value -> Chinese name, of the section about one enum."""
    rows = markdown.rows(markdown.section(page, f"`{kind}`"))
    return {row[1].strip("`"): row[0] for row in rows if row[1].startswith("`")}


def test_every_table_stands_in_the_glossary() -> None:
    told = tables_told(GLOSSARY)
    assert set(told) == set(metadata.tables)
    assert all(map(chinese, told.values()))


def test_a_table_that_is_missing_would_be_seen() -> None:
    page = "\n".join(line for line in GLOSSARY.splitlines() if "`bill_line`" not in line)
    assert set(metadata.tables) - set(tables_told(page)) == {"bill_line"}


@pytest.mark.parametrize("kind", facts.enums(), ids=lambda kind: kind.__name__)
def test_every_value_stands_in_the_glossary(kind: type[StrEnum]) -> None:
    told = values_told(GLOSSARY, kind.__name__)
    assert list(told) == [member.value for member in kind]
    assert all(map(chinese, told.values()))


def test_a_value_that_is_missing_would_be_seen() -> None:
    page = "\n".join(line for line in GLOSSARY.splitlines() if "`written_off`" not in line)
    assert "written_off" not in values_told(page, "BillStatus")


def test_statuses_have_the_names_people_see() -> None:
    for life in lifecycles():
        kind = type(next(iter(life.status_names)))
        seen = {status.value: name for status, name in life.status_names.items()}
        assert values_told(GLOSSARY, kind.__name__) == seen
        assert f"### {life.title} · `{kind.__name__}`" in GLOSSARY


@pytest.mark.parametrize("names", [ROOM_KIND_NAMES, METER_KIND_NAMES, PAYMENT_METHOD_NAMES])
def test_kinds_have_the_names_people_see(names: dict[StrEnum, str]) -> None:
    kind = type(next(iter(names)))
    seen = {member.value: name for member, name in names.items()}
    assert values_told(GLOSSARY, kind.__name__) == seen
