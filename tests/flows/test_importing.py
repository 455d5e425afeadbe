"""Workbooks into the books, act by act: reference files, dry runs, races, a death in the middle."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from domain.company.opening import open_community
from domain.company.queries import CommunityNotFound
from domain.errors import NotAllowedNow, NotPermitted
from domain.history.actor import Actor
from domain.imports.batches import BatchNotFound
from domain.imports.model import ImportKind
from domain.imports.report import ImportReport
from domain.session import transaction
from domain.staff.joining import join
from domain.vault import Vault
from flows import importing
from gateway.excel.errors import NotAWorkbook
from gateway.excel.templates import charge_template, owner_template, reading_template
from tests.conftest import AT
from tests.domain.imports.sheets import everything
from tests.gateway.excel.workbooks import DATA, opened, table

BY = Actor.operator("test")
HEADINGS = ["小区", "房号", "建筑面积", "业主姓名", "联系电话", "身份证号码"]
READINGS = ["房号", "表具类型", "本期读数", "抄表日期"]
Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(engine: Engine, vault: Vault) -> Bring:
    """Import a workbook for 翠湖花园 at once; `act` for another way."""

    def act(data: bytes, kind: ImportKind = ImportKind.OWNERS, **how: Any) -> ImportReport:
        way = how.pop("way", importing.check_and_apply)
        facts = {"community": "翠湖花园", "file_name": "导入.xlsx", "at": AT, **how}
        return way(engine, vault, kind=kind, data=data, **facts)

    return act


def reference(name: str) -> tuple[bytes, dict[str, Any]]:
    expected = json.loads((DATA / f"owners-{name}.expected.json").read_text("utf-8"))
    return (DATA / f"owners-{name}.xlsx").read_bytes(), expected


def owners(*rows: list[Any]) -> bytes:
    return table([HEADINGS, *rows])


def books(engine: Engine) -> dict[str, list[str]]:
    with transaction(engine) as session:
        return everything(session)


def test_the_clean_workbook_is_taken_whole_and_twice_is_once(engine: Engine, bring: Bring) -> None:
    data, expected = reference("clean")
    told = bring(data).as_json()
    assert (told["accepted"], told["new"], told["refused"]) == (expected["rows"], 456, [])
    before = books(engine)
    again = bring(data).as_json()
    assert (again["accepted"], again["new"], again["unchanged"]) == (456, 0, 456)
    assert books(engine) == before


def test_the_messy_workbook_gives_what_is_expected(bring: Bring) -> None:
    data, expected = reference("messy")
    told = bring(data).as_json()
    assert told["accepted"] == told["new"] == len(expected["accepted"])
    assert {str(one["row"]): one["code"] for one in told["refused"]} == expected["refused"]
    assert told["ignored_rows"] == expected["ignored_rows"]
    assert told["conflicting"] == []


def test_a_dry_run_tells_the_same_and_stores_nothing(engine: Engine, bring: Bring) -> None:
    data, _ = reference("messy")
    before = books(engine)
    looked = bring(data, way=importing.preview)
    assert books(engine) == before
    assert (looked.batch, looked.dry_run) == (None, True)
    assert looked.notes == ("还没有叫「翠湖花园」的小区，导入时会建立",)
    did = bring(data)
    assert (looked.accepted, looked.new, looked.refused) == (did.accepted, did.new, did.refused)


def test_the_annotated_copy_says_of_every_row_what_became_of_it(bring: Bring) -> None:
    bring(owners(["翠湖花园", "1-1-101", 98.5, "丁一", "17400000001", None]))
    report = bring(
        owners(
            ["翠湖花园", "1-1-101", 100, "丁一", "17400000001", None],
            ["翠湖花园", "1-1-102", 98.5, "杜安", "17400000002", None],
            ["碧水湾", "1-1-103", 98.5, "冯怡", "17400000003", None],
            ["翠湖花园", "1-1-101", 98.5, "丁一", "17400000001", None],
        )
    )
    sheet = opened(report.annotated).worksheets[0]
    told = [sheet.cell(row, 7).value for row in range(1, 6)]
    assert told[:3] == ["导入结果", "变更：建筑面积", "新增"]
    assert told[3].startswith("不通过：这一行写的是别的小区")
    assert told[4].startswith("不通过：房号和第 2 行重复")
    assert "别的小区" in sheet["A4"].comment.text
    assert [(one.row, one.column, one.code) for one in report.refused] == [
        (4, "A", "community_mismatch"), (5, "B", "room_duplicate"),
    ]  # fmt: skip


def test_a_conflict_is_told_and_left_out(bring: Bring) -> None:
    bring(owners(["翠湖花园", "1-1-101", 98.5, "丁一", "17400000001", None]))
    report = bring(owners(["翠湖花园", "1-1-101", 98.5, "杜安", "17400000001", None]))
    assert (report.accepted, report.refused) == (0, ())
    assert [(one.row, one.column, one.code) for one in report.conflicting] == [
        (2, "D", "owner_conflict")
    ]
    assert opened(report.annotated).worksheets[0]["G2"].value.startswith("冲突：")


def test_nothing_personal_is_kept_in_the_clear(engine: Engine, bring: Bring) -> None:
    data, expected = reference("messy")
    bring(data)
    with engine.connect() as connection:
        kept = connection.execute(
            text("SELECT workbook, annotated, summary::text FROM import_batch")
        ).one()
        writes = connection.execute(text("SELECT writes::text FROM import_change")).scalars().all()
    assert not bytes(kept.workbook).startswith(b"PK"), "sealed"
    assert not bytes(kept.annotated).startswith(b"PK")
    everywhere = kept.summary + " ".join(writes) + str(books(engine))
    for row in expected["accepted"].values():
        assert str(row["id_number"]) not in everywhere or row["id_number"] is None
        phones = row["phone"] if isinstance(row["phone"], list) else [row["phone"]]
        assert not [phone for phone in phones if phone in everywhere]


def test_upload_then_apply_then_undo(engine: Engine, vault: Vault, bring: Bring) -> None:
    with transaction(engine) as session:
        open_community(session, "翠湖花园")
    before = books(engine)
    data, _ = reference("messy")
    checked = bring(data, way=importing.check, by=BY)
    assert (checked.dry_run, checked.new, books(engine)) == (True, 36, before)
    assert checked.batch is not None
    assert importing.status(engine, checked.batch) == "checked"
    looked = importing.check_batch(engine, vault, checked.batch, at=AT)
    assert looked.as_json() == checked.as_json()
    did = importing.apply(engine, vault, checked.batch, by=BY, at=AT)
    assert (did.new, did.dry_run) == (36, False)
    assert importing.stored(engine, vault, checked.batch) == did
    undone = importing.undo(engine, checked.batch, by=BY, at=AT)
    assert undone.as_json() == {"batch": checked.batch, "status": "undone", "kept": []}
    assert books(engine) == before


def test_apply_plans_anew(engine: Engine, vault: Vault, bring: Bring) -> None:
    with transaction(engine) as session:
        open_community(session, "翠湖花园")
    data, _ = reference("messy")
    waiting = bring(data, way=importing.check, by=BY)
    bring(data)
    did = importing.apply(engine, vault, waiting.batch, at=AT)
    assert (did.new, did.unchanged) == (0, 36)
    with pytest.raises(NotAllowedNow, match="已导入"):
        importing.apply(engine, vault, waiting.batch, at=AT)


def test_two_imports_of_one_file_at_once_write_it_once(engine: Engine, bring: Bring) -> None:
    data, _ = reference("clean")
    ready = threading.Barrier(2)

    def one(_: int) -> ImportReport:
        ready.wait(30)
        return bring(data)

    with ThreadPoolExecutor(2) as pool:
        reports = list(pool.map(one, range(2)))
    assert sorted(report.new for report in reports) == [0, 456]
    assert sorted(report.unchanged for report in reports) == [0, 456]
    assert len(books(engine)["room"]) == 456


class Killed(BaseException):
    """As if the process had died."""


def test_a_death_before_the_commit_leaves_nothing(engine: Engine, bring: Bring) -> None:
    before = books(engine)
    data, _ = reference("clean")

    def die(connection: Any) -> None:
        raise Killed

    event.listen(engine, "commit", die)
    try:
        with pytest.raises(Killed):
            bring(data)
    finally:
        event.remove(engine, "commit", die)
    assert books(engine) == before
    assert bring(data).new == 456


def test_readings_and_charges_need_a_community_that_is_there(bring: Bring) -> None:
    data = table([READINGS, ["1-1-101", "水表", 5, "2026-11-01"]])
    for way in (importing.check_and_apply, importing.preview):
        with pytest.raises(CommunityNotFound):
            bring(data, ImportKind.READINGS, way=way)


def test_what_planning_refuses_is_annotated_too(bring: Bring) -> None:
    bring(owners(["翠湖花园", "1-1-101", 98.5, "丁一", "17400000001", None]))
    rows = [["1-1-101", "水表", 5, "2026-11-01"], ["9-9-999", "水表", 5, "2026-11-01"]]
    report = bring(table([READINGS, *rows]), ImportKind.READINGS)
    assert (report.accepted, report.new) == (1, 1)
    assert [(one.row, one.column, one.code) for one in report.refused] == [(3, "A", "room_unknown")]
    sheet = opened(report.annotated).worksheets[0]
    assert "没有房号为 9-9-999 的房屋" in sheet["A3"].comment.text


def test_a_new_community_is_not_opened_for_nothing(engine: Engine, bring: Bring) -> None:
    report = bring(owners(["", "1-1-101", "很大", "丁一", "17400000001", None]))
    assert (report.batch, report.accepted) == (None, 0)
    assert books(engine)["community"] == []


def test_templates_are_accepted_as_they_are(engine: Engine, bring: Bring) -> None:
    assert bring(owner_template()).new == 3
    with transaction(engine) as session:
        session.execute(
            text(
                "INSERT INTO fee_item (community_id, code, name, basis)"
                " SELECT id, 'p', '车位费', 'fixed' FROM community"
                " UNION ALL SELECT id, 'g', '垃圾清运费', 'one_off' FROM community"
            )
        )
    readings, charges = ImportKind.READINGS, ImportKind.CHARGES
    assert bring(reading_template(), readings).refused == ()
    assert bring(charge_template(), charges).refused == ()


def test_only_who_may_imports(engine: Engine, bring: Bring) -> None:
    with transaction(engine) as session:
        place = open_community(session, "翠湖花园")
        for login, role in (("kefu", "service"), ("shoufei", "cashier")):
            join(session, company_id=place.company_id, login=login, name=login, role=role)
    before = books(engine)
    data, _ = reference("messy")
    with pytest.raises(NotPermitted):
        bring(data, login="shoufei")
    assert books(engine) == before
    assert bring(data, login="kefu").new == 36


def test_what_is_no_workbook_is_refused_before_anything(engine: Engine, bring: Bring) -> None:
    before = books(engine)
    with pytest.raises(NotAWorkbook):
        bring(b"name,phone\n")
    assert books(engine) == before


def test_a_batch_nobody_knows(engine: Engine, vault: Vault) -> None:
    with pytest.raises(BatchNotFound):
        importing.apply(engine, vault, 404, at=AT)
    with pytest.raises(BatchNotFound):
        importing.undo(engine, 404, at=AT)


def test_the_file_name_alone_decides_nothing(bring: Bring, tmp_path: Path) -> None:
    data, _ = reference("messy")
    assert bring(data, file_name="扫描件.pdf").new == 36
