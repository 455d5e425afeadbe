"""`wuye import`, as a clerk and a script use it."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from deployments.cli.run import run
from domain.vault import new_key_setting
from gateway.settings import settings
from tests.gateway.excel.workbooks import DATA, opened

MESSY = str(DATA / "owners-messy.xlsx")
CLEAN = str(DATA / "owners-clean.xlsx")
KEYS = {
    "batch", "accepted", "new", "changed", "unchanged", "refused", "ignored_rows", "annotated",
    "conflicting", "notes", "dry_run",
}  # fmt: skip
REVEALED = """
    SELECT detail ->> 'reason' FROM audit_entry WHERE action = 'import.handed_out' ORDER BY id"""
Wuye = Callable[..., tuple[int, str]]


@pytest.fixture
def wuye(
    engine: Engine, database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Wuye]:
    """The command against the worker's database: exit code and what was printed."""
    before = dict(os.environ)
    os.environ |= {
        "WUYE_HOME": str(tmp_path / "home"), "WUYE_DATABASE_URL": database_url,
        "WUYE_DATA_KEYS": new_key_setting(), "WUYE_SECRET_KEY": "made-for-this-test",
    }  # fmt: skip
    settings.cache_clear()

    def call(*arguments: str) -> tuple[int, str]:
        code = run(["import", *arguments])
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    yield call
    os.environ.clear()
    os.environ |= before
    settings.cache_clear()


def told(answer: tuple[int, str]) -> dict[str, Any]:
    code, printed = answer
    assert code == 0, printed
    found: dict[str, Any] = json.loads(printed)
    return found


def test_the_contract_of_the_json(wuye: Wuye) -> None:
    expected = json.loads((DATA / "owners-messy.expected.json").read_text("utf-8"))
    report = told(wuye("owners", MESSY, "--community", "翠湖花园", "--json"))
    assert set(report) == KEYS
    assert (report["accepted"], report["new"], report["changed"]) == (36, 36, 0)
    assert {str(one["row"]): one["code"] for one in report["refused"]} == expected["refused"]
    assert set(report["refused"][0]) == {"sheet", "row", "column", "code", "message"}
    assert {one["sheet"] for one in report["refused"]} == {"Sheet1"}
    assert report["ignored_rows"] == expected["ignored_rows"]
    sheet = opened(Path(report["annotated"]).read_bytes()).worksheets[0]
    assert sheet["D11"].comment.text.startswith("业主姓名没有填写")
    assert Path(report["annotated"]).stat().st_mode & 0o077 == 0, "for this user only"


def test_dry_run_then_import_then_again_then_undo(wuye: Wuye) -> None:
    order = ("owners", CLEAN, "--community", "翠湖花园", "--json")
    assert told(wuye(*order, "--dry-run"))["batch"] is None
    first = told(wuye(*order))
    assert (first["accepted"], first["new"], first["refused"]) == (456, 456, [])
    again = told(wuye(*order))
    assert (again["new"], again["unchanged"]) == (0, 456)
    undone = told(wuye("undo", str(first["batch"]), "--json"))
    assert undone == {"batch": first["batch"], "status": "undone", "kept": []}
    assert told(wuye(*order))["new"] == 456


def test_words_for_people(wuye: Wuye, tmp_path: Path) -> None:
    copy = tmp_path / "结果.xlsx"
    code, printed = wuye("owners", MESSY, "--community", "翠湖花园", "--annotated", str(copy))
    assert code == 0
    assert "通过 36 行：新增 36，变更 0，无变化 0；冲突 0 行；不通过 13 行；跳过 5 行。" in printed
    assert "Sheet1 E12：联系电话不对" in printed
    assert str(copy) in printed
    assert opened(copy.read_bytes()).worksheets[0]["D11"].comment is not None


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("owners", "不存在.xlsx", "--community", "翠湖花园"), "file_not_found"),
        (("owners", ".", "--community", "翠湖花园"), "file_not_found"),
        (("owners", MESSY, "--community", " "), "invalid"),
        (("owners", MESSY, "--community", "翠湖花园", "--by", "nobody"), "staff_not_found"),
        (("readings", MESSY, "--community", "翠湖花园"), "header_missing"),
        (("owners", MESSY, "--community", "翠湖\udcff园"), "usage"),
        (("owners", MESSY, "--community", "翠\x1b湖", "--dry-run"), "invalid"),
        (("owners", MESSY, "--community", "长" * 61, "--dry-run"), "invalid"),
        (("undo", "404"), "batch_not_found"),
        (("annotated", "404", "x.xlsx"), "batch_not_found"),
        (("template", "owners", "/nowhere/x.xlsx"), "file_not_writable"),
    ],
)
def test_refusals(wuye: Wuye, arguments: tuple[str, ...], code: str) -> None:
    answer, printed = wuye(*arguments, "--json")
    assert answer == 2
    refusal = json.loads(printed)["error"]
    assert refusal["code"] == code
    assert refusal["message"]


def test_a_huge_file_is_refused_unread(wuye: Wuye, tmp_path: Path) -> None:
    huge = tmp_path / "huge.xlsx"
    with huge.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    answer, printed = wuye("owners", str(huge), "--community", "翠湖花园", "--json")
    assert answer == 2
    assert json.loads(printed)["error"]["code"] == "workbook_too_large"


def test_what_has_no_end_is_read_no_further_than_the_limit(wuye: Wuye) -> None:
    answer, printed = wuye("owners", "/dev/zero", "--community", "翠湖花园", "--json")
    assert answer == 2
    assert json.loads(printed)["error"]["code"] == "workbook_too_large"


def batches(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM import_batch")).scalar_one()


def test_nothing_is_imported_where_the_copy_cannot_go(
    wuye: Wuye, engine: Engine, tmp_path: Path
) -> None:
    mine = tmp_path / "业主.xlsx"
    mine.write_bytes(Path(MESSY).read_bytes())
    for place, code in (("/nowhere/x.xlsx", "file_not_writable"), (str(mine), "file_exists")):
        answer, printed = wuye(
            "owners", str(mine), "--community", "翠湖花园", "--annotated", place, "--json"
        )
        assert (answer, json.loads(printed)["error"]["code"]) == (2, code)
    assert batches(engine) == 0
    assert mine.read_bytes() == Path(MESSY).read_bytes(), "never over the workbook itself"


def test_an_import_stands_though_the_disk_was_full(wuye: Wuye, engine: Engine) -> None:
    full = ("owners", MESSY, "--community", "翠湖花园", "--annotated", "/dev/full")
    report = told(wuye(*full, "--json"))
    assert (report["annotated"], report["new"], batches(engine)) == (None, 36, 1)
    assert f"wuye import annotated {report['batch']}" in report["notes"][-1]
    assert "带批注的副本没有写成" in wuye(*full)[1]
    assert wuye(*full, "--dry-run")[0] == 2


def test_a_copy_is_private_wherever_it_goes_and_whatever_the_name(
    wuye: Wuye, tmp_path: Path
) -> None:
    long = tmp_path / f"{'业' * 80}.xlsx"
    long.write_bytes(Path(MESSY).read_bytes())
    open_to_all = tmp_path / "结果.xlsx"
    open_to_all.touch(mode=0o644)
    order = ("owners", str(long), "--community", " 翠湖花园 ", "--json")
    copies = [told(wuye(*order)), told(wuye(*order, "--annotated", str(open_to_all)))]
    assert [copy["unchanged"] for copy in copies] == [0, 36], "blanks around a name are none of it"
    assert all(Path(copy["annotated"]).stat().st_mode & 0o077 == 0 for copy in copies)


def test_templates_come_filled_with_examples(wuye: Wuye, tmp_path: Path) -> None:
    path = tmp_path / "模板.xlsx"
    assert wuye("template", "owners", str(path))[0] == 0
    assert told(wuye("owners", str(path), "--community", "翠湖花园", "--json"))["new"] == 3
    code, printed = wuye("template", "owners", str(path), "--json")
    assert (code, json.loads(printed)["error"]["code"]) == (2, "file_exists")


def test_the_annotated_copy_is_had_again_and_that_is_on_the_record(
    wuye: Wuye, engine: Engine, tmp_path: Path
) -> None:
    report = told(wuye("owners", MESSY, "--community", "翠湖花园", "--json"))
    copy = tmp_path / "again.xlsx"
    assert wuye("annotated", str(report["batch"]), str(copy))[0] == 0
    assert copy.read_bytes() == Path(report["annotated"]).read_bytes()
    again = ("annotated", str(report["batch"]), str(copy))
    assert wuye(*again, "--reason", "业主来核对")[0] == 0
    assert wuye(*again, "--reason", " ")[0] == 2
    assert wuye(*again, "--by", "nobody")[0] == 2
    with engine.connect() as connection:
        rows = connection.execute(text(REVEALED)).scalars().all()
    assert rows == ["核对导入结果", "业主来核对"], "who takes numbers away says why"
