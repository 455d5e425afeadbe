"""Rows of the owners' workbook: pairing, duplicates, all errors at once."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from domain.rooms.model import RoomKind
from gateway.excel.owners import OwnerCell, OwnerRow, OwnerSheet, read_owners
from gateway.excel.people import FamilyCell
from tests.gateway.excel.workbooks import CODED, OWNERS, inline, raw, table

ID, OTHER_ID = "11020019860731785X", "110200196812092064"


def _read(**cells: Any) -> OwnerSheet:
    row = {
        "房号": "5-1-101",
        "房屋类型": "住宅",
        "建筑面积": 98.5,
        "业主姓名": "丁一",
        "联系电话": "17400000001",
    }
    row |= cells
    return read_owners(table([list(row), list(row.values())]))


def _codes(sheet: OwnerSheet) -> list[str]:
    return [error.code for error in sheet.refused]


def test_a_whole_row() -> None:
    values = [
        "1栋",
        "1单元",
        "021",
        "住宅",
        98.5,
        "丁一",
        "17400000001",
        ID,
        "朱梅(配偶)",
        dt.date(2021, 6, 30),
    ]

    sheet = read_owners(
        table([["小区", *OWNERS, "套内面积"], ["翠湖花园", *values, "80.1㎡"]]), file_name="a.xlsx"
    )

    assert sheet.file_name == "a.xlsx"
    assert sheet.rows == [
        OwnerRow(
            row=2,
            community="翠湖花园",
            building_code="1",
            building_name="1栋",
            entrance="1",
            door="021",
            code="1-1-021",
            kind=RoomKind.RESIDENTIAL,
            area=Decimal("98.50"),
            owners=(OwnerCell("丁一", "17400000001", ID, None),),
            family=(FamilyCell("朱梅", "配偶"),),
            handover_on=dt.date(2021, 6, 30),
            indoor_area=Decimal("80.10"),
        )
    ]


def test_all_errors_of_all_rows_at_once() -> None:
    bad = ["", "1单元", "", "城堡", -1, "", "12", "123", "共3人", "2020-13-45"]

    sheet = read_owners(table([OWNERS, bad, bad]))

    assert sheet.rows == []
    assert [(e.cell, e.code) for e in sheet.refused if e.row == 2] == [
        ("C2", "room_missing"),
        ("D2", "kind_unknown"),
        ("E2", "area_invalid"),
        ("F2", "owner_missing"),
        ("G2", "phone_invalid"),
        ("H2", "id_number_invalid"),
        ("I2", "family_invalid"),
        ("J2", "date_invalid"),
    ]
    assert len(sheet.refused) == 16
    assert {(e.sheet, e.header) for e in sheet.refused if e.column == "G"} == {
        ("Sheet1", "联系电话")
    }


def test_a_missing_building_is_shown_at_the_building() -> None:
    sheet = read_owners(table([OWNERS, ["", "1单元", "101", "住宅", 98.5, "丁一", "17400000001"]]))

    assert [(e.cell, e.code) for e in sheet.refused] == [("A2", "room_missing")]


def test_without_a_kind_column_rooms_are_homes() -> None:
    words = [word for word in CODED if word != "房屋类型"]

    sheet = read_owners(table([words, ["5-1-101", 98.5, "丁一", "17400000001"]]))

    assert sheet.rows[0].kind is RoomKind.RESIDENTIAL


def test_the_second_time_in_the_file_is_refused_even_if_the_first_is_wrong() -> None:
    rows = [
        ["5-1-101", "城堡", 98.5, "丁一", "17400000001"],
        ["5栋1单元101", "住宅", 98.5, "杜二", "17400000002"],
    ]

    sheet = read_owners(table([CODED, *rows]))

    assert [(e.row, e.code) for e in sheet.refused] == [(2, "kind_unknown"), (3, "room_duplicate")]
    assert "第 2 行" in sheet.refused[1].message


def test_owners_and_phones_are_paired_in_order() -> None:
    sheet = _read(
        业主姓名="郭杰、冯怡",
        联系电话="17400005693/17400003701",
        身份证号=f"无、{ID}",
        产权份额="60%、40%",
    )

    assert sheet.rows[0].owners == (
        OwnerCell("郭杰", "17400005693", None, Decimal("0.6")),
        OwnerCell("冯怡", "17400003701", ID, Decimal("0.4")),
    )


def test_one_phone_for_two_owners_is_that_of_the_first() -> None:
    sheet = _read(业主姓名="郭杰、冯怡")

    assert [owner.phone for owner in sheet.rows[0].owners] == ["17400000001", None]


def test_a_second_phone_of_one_owner_is_left_out_and_said_so() -> None:
    (row,) = _read(联系电话="17400000001、17400000002").rows

    assert row.owners[0].phone == "17400000001"
    assert row.notes == ("只保存了第一个电话",)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (
            {"业主姓名": "郭杰、冯怡", "联系电话": "17400000001、17400000002、17400000003"},
            "phone_invalid",
        ),
        ({"业主姓名": "郭杰、冯怡", "身份证号": ID}, "id_number_invalid"),
        ({"身份证号": f"{ID}、{OTHER_ID}"}, "id_number_invalid"),
        ({"业主姓名": "郭杰、冯怡", "身份证号": f"{ID}、{ID}"}, "id_number_invalid"),
        ({"业主姓名": "郭杰、冯怡", "产权份额": "60%"}, "share_invalid"),
        ({"业主姓名": "郭杰、冯怡", "产权份额": "60%、50%"}, "share_invalid"),
        ({"联系电话": ""}, "phone_missing"),
        ({"身份证号": 110200198607317850}, "id_number_invalid"),
    ],
)
def test_what_cannot_be_paired(cells: dict[str, Any], code: str) -> None:
    sheet = _read(**cells)

    assert _codes(sheet) == [code]
    assert sheet.rows == []


def test_three_owners_of_a_third_each() -> None:
    (row,) = _read(业主姓名="郭杰、冯怡、唐诗", 产权份额="1/3、1/3、1/3").rows

    assert [owner.share for owner in row.owners] == [Decimal("0.333333")] * 3


def test_a_company() -> None:
    (row,) = _read(
        业主姓名="翠湖置业有限公司", 联系电话="021-12345678", 身份证号="91350100M000100Y43"
    ).rows

    assert row.owners[0].is_company


def test_a_formula_counts_by_its_cached_value() -> None:
    header = "".join(inline(f"{c}1", word) for c, word in zip("ABCDE", CODED, strict=True))
    cached = '<c r="C2"><f>90+8.5</f><v>98.5</v></c><c r="D2" t="str"><f>"丁"&amp;"一"</f><v>丁一</v></c>'
    bare = '<c r="C3"><f>90+8.5</f></c><c r="D3" t="str"><f>A1</f><v></v></c>'
    error = '<c r="C4" t="e"><v>#REF!</v></c>' + inline("D4", "丁一")
    rows = "".join(
        f'<row r="{n}">{inline(f"A{n}", f"5-1-10{n}")}{inline(f"B{n}", "住宅")}{cells}{inline(f"E{n}", "17400000001")}</row>'
        for n, cells in ((2, cached), (3, bare), (4, error))
    )

    sheet = read_owners(raw(f'<row r="1">{header}</row>{rows}'))

    assert [row.row for row in sheet.rows] == [2]
    assert [(e.cell, e.code) for e in sheet.refused] == [
        ("C3", "area_missing"),
        ("D3", "owner_missing"),
        ("C4", "area_missing"),
    ]
