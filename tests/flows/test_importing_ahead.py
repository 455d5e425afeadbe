"""Owners are written while their workbook is still being read: it must never show."""

import threading
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from deployments.bench.people import write_owners
from domain.bulk import Copy
from domain.company.opening import open_community
from domain.imports.model import ImportKind
from domain.imports.report import ImportReport
from domain.session import transaction
from domain.vault import Vault
from flows import importing
from flows.looking import Upload
from gateway.excel import owners
from gateway.excel.line import Line
from tests.conftest import AT
from tests.domain.imports.sheets import everything
from tests.gateway.excel.workbooks import DATA, table

HEADINGS = ["小区", "房号", "建筑面积", "业主姓名", "联系电话"]
OURS, OTHER = "翠湖花园", "碧水湾"


def row(community: Any, door: int, area: Any = 98.5) -> list[Any]:
    return [
        community,
        f"1-1-{door}",
        area,
        f"丁{'一二三四五六七八九'[door % 9]}",
        f"1740000{door:04d}",
    ]


SHEETS = {
    "ours": [row(OURS, 1), row(OURS, 2, "很大"), row("翠湖 花园", 3)],
    "unnamed": [row("", 1), row(None, 2), row(None, 3, "很大")],
    "another of ours throughout": [row(OTHER, 1), row(OTHER, 2)],
    "several": [row(OURS, 1), row(OTHER, 2), row("外滩", 3)],
    "several, the first refused": [row("外滩", 1, "很大"), row(OURS, 2)],
    "unknown": [row("外滩", 1), row("外滩", 2, "很大"), row("", 3)],
    "unknown, but only later": [row("", 1), row("外滩", 2)],
    "unknown, but only where refused": [row("", 1), row("外滩", 2, "很大")],
    "unknown, and a total": [row("外滩", 1), ["合计", None, 98.5, None, None]],
    "all refused": [row(OURS, 1, "很大"), row(OURS, 2, "更大")],
    "nothing": [],
}
AT_ONCE = {"ours", "unnamed", "another of ours throughout", "unknown", "unknown, and a total"}
"""Where the first rows are written before the last ones are read."""


@pytest.fixture
def place(engine: Engine) -> None:
    """Both communities are there."""
    with transaction(engine) as session:
        open_community(session, OURS)
        open_community(session, OTHER)


def owners_of(engine: Engine, vault: Vault, data: bytes, way: Any) -> ImportReport:
    report: ImportReport = way(
        engine,
        vault,
        community=OURS,
        kind=ImportKind.OWNERS,
        file_name="业主.xlsx",
        data=data,
        at=AT,
    )
    return report


def said(report: ImportReport) -> Any:
    """All there is to say of an import, but for what only one that was written has."""
    return {**report.as_json(), "batch": None, "dry_run": None}, report.annotated


@pytest.mark.usefixtures("place")
@pytest.mark.parametrize("name", SHEETS)
def test_it_says_what_a_look_at_all_rows_says(engine: Engine, vault: Vault, name: str) -> None:
    data = table([HEADINGS, *SHEETS[name]])
    looked = owners_of(engine, vault, data, importing.preview)
    did = owners_of(engine, vault, data, importing.check_and_apply)
    assert said(did) == said(looked)
    opened = Upload.opened(OURS, ImportKind.OWNERS, "业主.xlsx", data)
    assert (opened.ahead is not None) == (name in AT_ONCE)


@pytest.mark.usefixtures("place")
def test_the_messy_workbook_reads_the_same_both_ways(engine: Engine, vault: Vault) -> None:
    data = (DATA / "owners-messy.xlsx").read_bytes()
    assert Upload.opened(OURS, ImportKind.OWNERS, "", data).ahead
    looked = owners_of(engine, vault, data, importing.preview)
    assert said(owners_of(engine, vault, data, importing.check_and_apply)) == said(looked)


def test_a_name_counts_only_where_a_row_was_taken(engine: Engine, vault: Vault) -> None:
    noted = {
        name: any(
            "外滩" in note for note in owners_of(engine, vault, data, importing.preview).notes
        )
        for name in ("unknown", "unknown, but only later", "unknown, but only where refused")
        if (data := table([HEADINGS, *SHEETS[name]]))
    }
    assert list(noted.values()) == [True, True, False]


def test_finding_the_table_reads_no_row_of_it() -> None:
    found = owners.open_owners(table([HEADINGS, *SHEETS["ours"]]))
    assert owners.ahead(found) is not None
    assert (found.read.accepted, found.read.refused, found.read.ignored_rows) == ([], [], [])
    assert [one.row for one in found] == [2, 4]
    assert (found.read.accepted, found.read.refused_rows, found.read.rows) == ([2, 4], {3}, [])


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that PostgreSQL was sent rows of, in order."""
    tables: list[str] = []
    send = Copy.send

    def noted(copy: Copy, *where: Any) -> None:
        send(copy, *where)
        tables.append(copy.table)

    monkeypatch.setattr(Copy, "send", noted)
    return tables


def test_a_reader_that_fails_on_the_way_leaves_nothing(
    engine: Engine, vault: Vault, tmp_path: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_owners(tmp_path / "long.xlsx", 6_100)
    data = (tmp_path / "long.xlsx").read_bytes()
    with transaction(engine) as session:
        before = everything(session)
    read = owners._read

    def broken(line: Line, first_rows: dict[str, int]) -> Any:
        if line.number > 6_000:
            raise ZeroDivisionError
        return read(line, first_rows)

    with monkeypatch.context() as patched:
        patched.setattr(owners, "_read", broken)
        with pytest.raises(ZeroDivisionError):
            owners_of(engine, vault, data, importing.check_and_apply)
    assert "import_change" in sent, "it failed while rows were being written"
    assert not [one for one in threading.enumerate() if one.name.startswith("import")]
    with transaction(engine) as session:
        assert everything(session) == before
    assert owners_of(engine, vault, data, importing.check_and_apply).new == 6_100
