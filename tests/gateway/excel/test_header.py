"""Finding the table: wherever it starts, whatever stands around it."""

from typing import Any

import pytest
from openpyxl import Workbook

from gateway.excel.errors import ColumnsMissing, HeaderMissing
from gateway.excel.header import columns_of
from gateway.excel.owners import SCHEMA, read_owners
from tests.gateway.excel.workbooks import CODED, saved, table

ROW = ["5-1-101", "住宅", 98.5, "丁一", "17400000001"]


@pytest.mark.parametrize(
    "words",
    [
        ["房间号", "物业类型", "面积", "业主", "手机号"],
        ["室号", "房屋性质", "建筑面积（㎡）", "户主姓名", "联系方式"],
        ["*房号", "房屋类型(必填)", "建筑\n面积", "业主 姓名", "联系电话1"],
        ["房号/房间", "类型", "产权面积：", "产权人", "【必填】手机"],
    ],
)
def test_synonyms(words: list[str]) -> None:
    assert [row.code for row in read_owners(table([words, ROW])).rows] == ["5-1-101"]


def test_the_better_word_wins_then_the_leftmost() -> None:
    headings = ["姓名", "房号", "业主姓名", "电话", "面积", "", "姓名", "电话"]

    assert columns_of(SCHEMA, headings) == {"owner": 2, "room": 1, "phone": 3, "area": 4}


def test_below_titles_and_beside_notes() -> None:
    rows: list[list[Any]] = [
        ["翠湖花园业主登记表"],
        [],
        ["", "", "制表日期：2026-11-01"],
        ["", "", *CODED, "", "注意：电话请核对"],
        ["", "", *ROW, "", "张三 17400000009"],
        ["", "", "", "", "", "", "", "", "此行只有旁注"],
        [],
        ["", "", "合 计", "", 98.5],
        ["", "", "说明：以上面积以产权证为准"],
        ["", "", "制表人：丁一", "", "审核人：杜二"],
    ]

    sheet = read_owners(table(rows))

    assert [row.row for row in sheet.rows] == [5]
    assert sheet.refused == []
    assert sheet.ignored_rows == [1, 2, 3, 4, 6, 7, 8, 9, 10]
    assert sheet.result_column == 9


@pytest.mark.parametrize(
    "word", ["合计", "总计：", "5栋小计", "本页小计", "合计36户", "共计(户)", "累 计", "总 计"]
)
def test_totals(word: str) -> None:
    sheet = read_owners(table([CODED, ROW, [word, "", 98.5, "36户"]]))

    assert sheet.refused == []
    assert sheet.ignored_rows == [1, 3]


def test_a_total_beside_a_running_number() -> None:
    sheet = read_owners(
        table([["序号", *CODED], [1, *ROW], ["", "", "", 98.5, "合计"], [3, "", "", "", ""]])
    )

    assert sheet.refused == []
    assert sheet.ignored_rows == [1, 3, 4]


def test_a_header_printed_on_every_page() -> None:
    second = ["5-1-102", *ROW[1:]]

    sheet = read_owners(table([CODED, ROW, CODED, second]))

    assert [row.code for row in sheet.rows] == ["5-1-101", "5-1-102"]
    assert sheet.ignored_rows == [1, 3]


def test_a_row_that_is_half_filled_is_no_note() -> None:
    sheet = read_owners(table([CODED, ["5-1-101"], ["", "", "", "丁一"]]))

    assert {error.row for error in sheet.refused} == {2, 3}
    assert [e.code for e in sheet.refused if e.row == 2] == [
        "kind_unknown",
        "area_missing",
        "owner_missing",
        "phone_missing",
    ]


def _two_line_header() -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (
        ["房屋", "", "", "建筑面积", "业主", ""],
        ["楼栋", "单元", "房号", "", "姓名", "电话"],
        ["1栋", "1单元", "101", 98.5, "丁一", "17400000001"],
        ["", "", "102", 98.5, "杜二", "17400000002"],
        ["", "2单元", "101", 98.5, "冯三", "17400000003"],
    ):
        sheet.append(row)
    for block in ("A1:C1", "D1:D2", "E1:F1", "A3:A5", "B3:B4"):
        sheet.merge_cells(block)
    return book


def test_two_header_lines_and_a_building_merged_down_beside_its_rooms() -> None:
    sheet = read_owners(saved(_two_line_header()))

    assert sheet.header_row == 2
    assert [row.code for row in sheet.rows] == ["1-1-101", "1-1-102", "1-2-101"]


def test_the_sheet_that_has_the_header_is_read() -> None:
    book = Workbook()
    book.worksheets[0].append(["本表仅供内部使用"])
    hidden = book.create_sheet("旧表")
    hidden.append([*CODED, "身份证号"])
    hidden.sheet_state = "hidden"
    for title in ("业主", "业主二"):
        sheet = book.create_sheet(title)
        sheet.append(CODED)
        sheet.append(ROW)

    read = read_owners(saved(book))

    assert (read.sheet, read.unread_sheets) == ("业主", ["业主二"])
    assert len(read.rows) == 1


def test_no_header() -> None:
    with pytest.raises(HeaderMissing, match="房号、建筑面积、业主姓名、联系电话"):
        read_owners(table([["a", "b"], ["c", "d"]]))


def test_a_header_without_a_column_every_row_needs() -> None:
    with pytest.raises(ColumnsMissing, match="没有找到：联系电话"):
        read_owners(table([CODED[:-1], ROW[:-1]]))


def test_a_table_without_rows() -> None:
    sheet = read_owners(table([CODED]))

    assert (sheet.rows, sheet.refused, sheet.ignored_rows) == ([], [], [1])
