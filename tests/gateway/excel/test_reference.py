"""The two reference workbooks give exactly what their expectations say."""

import json
from typing import Any

import pytest

from gateway.excel.owners import OwnerRow, read_owners
from tests.gateway.excel.workbooks import DATA


def _expected(name: str) -> dict[str, Any]:
    return json.loads((DATA / f"owners-{name}.expected.json").read_text("utf-8"))


def _one_or_all(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _as_json(row: OwnerRow) -> dict[str, Any]:
    known = [owner.id_number for owner in row.owners if owner.id_number]
    return {
        "room": row.code,
        "kind": row.kind.value,
        "area": str(row.area),
        "owner": _one_or_all([owner.name for owner in row.owners]),
        "phone": _one_or_all([owner.phone for owner in row.owners]),
        "id_number": _one_or_all(known) if known else None,
    }


def test_the_clean_workbook_is_taken_whole() -> None:
    expected = _expected("clean")

    sheet = read_owners((DATA / "owners-clean.xlsx").read_bytes(), file_name="owners-clean.xlsx")

    assert len(sheet.rows) == expected["accepted"] == expected["rows"]
    assert {error.row: error.code for error in sheet.refused} == expected["refused"]
    assert sheet.ignored_rows == [1]


def test_the_messy_workbook_is_sorted_out_row_by_row() -> None:
    expected = _expected("messy")

    sheet = read_owners((DATA / "owners-messy.xlsx").read_bytes())

    assert {str(row.row): _as_json(row) for row in sheet.rows} == expected["accepted"]
    assert [(str(e.row), e.code) for e in sheet.refused] == list(expected["refused"].items())
    assert sheet.ignored_rows == expected["ignored_rows"]


@pytest.mark.parametrize("name", ["clean", "messy"])
def test_no_sentence_repeats_a_phone_or_an_id_number(name: str) -> None:
    sheet = read_owners((DATA / f"owners-{name}.xlsx").read_bytes())

    assert not [e for e in sheet.refused if any(len(word) > 6 for word in _digits(e.message))]


def _digits(sentence: str) -> list[str]:
    return "".join(sign if sign.isdigit() else " " for sign in sentence).split()


def test_every_row_of_the_messy_workbook_is_accounted_for() -> None:
    sheet = read_owners((DATA / "owners-messy.xlsx").read_bytes())

    seen = sorted([row.row for row in sheet.rows] + sheet.ignored_rows + list(sheet.refused_rows))
    assert seen == list(range(1, 55))
