"""The uploaded workbook back: comments, result column, and everything else as it was."""

import io
import re

import pytest
import xlsxwriter
from lxml import etree
from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from gateway.excel.annotate import annotate
from gateway.excel.notes import AUTHOR
from gateway.excel.owners import read_owners
from gateway.excel.shell import _ORDER
from gateway.excel.templates import owner_template
from tests.gateway.excel.workbooks import BAD, CODED, DATA, GOOD, opened, parts_of, saved, table

MESSY = (DATA / "owners-messy.xlsx").read_bytes()
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360606060000000"
    "050001a5f645400000000049454e44ae426082"
)  # fmt: skip


def _annotated(data: bytes, results: dict[int, str] | None = None) -> bytes:
    copy = annotate(data, read_owners(data), results)
    for name, content in parts_of(copy).items():
        if name.endswith((".xml", ".rels", ".vml")):
            etree.fromstring(content)
    return copy


def _comments(data: bytes, sheet: str) -> dict[str, str]:
    rows = opened(data)[sheet].iter_rows()
    return {cell.coordinate: cell.comment.text for row in rows for cell in row if cell.comment}


def test_every_refused_cell_has_a_comment_and_every_row_a_result() -> None:
    read = read_owners(MESSY)

    copy = _annotated(MESSY, {row.row: "新增" for row in read.rows} | {4: "无变化"})

    comments = _comments(copy, "Sheet1")
    assert comments.pop("D53") == "业主要求不外泄"
    assert comments == {error.cell: error.message for error in read.refused}
    results = [cell.value for cell in opened(copy)["Sheet1"]["I"]]
    assert results[2:5] == ["导入结果", "无变化", "新增"]
    assert results[11] == "不通过：联系电话不对，应为 11 位手机号，或带区号的固定电话"
    assert [results[n - 1] for n in read.ignored_rows if n != 3] == [None] * 4


def test_everything_else_stays_byte_for_byte() -> None:
    before, after = parts_of(MESSY), parts_of(_annotated(MESSY))

    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {
        "xl/worksheets/sheet1.xml",
        "xl/styles.xml",
        "xl/comments/comment1.xml",
        "xl/drawings/commentsDrawing1.vml",
    }
    assert list(after) == list(before)


def test_what_openpyxl_sees_besides_is_the_same() -> None:
    before, after = opened(MESSY)["Sheet1"], opened(_annotated(MESSY))["Sheet1"]

    assert after.row_dimensions[53].hidden
    assert after.merged_cells.ranges == before.merged_cells.ranges
    for row in before.iter_rows():
        for cell in row:
            twin = after[cell.coordinate]
            assert (twin.value, twin._style) == (cell.value, cell._style)


def test_the_second_time_changes_nothing() -> None:
    once = _annotated(MESSY)

    assert parts_of(_annotated(once)) == parts_of(once)


def test_what_was_mended_loses_its_comment_its_colour_and_its_sentence() -> None:
    book = opened(_annotated(MESSY))
    sheet = book["Sheet1"]
    sheet["E12"], sheet["B20"] = "17400000099", "住宅"
    mended = saved(book)

    copy = _annotated(mended)

    comments = _comments(copy, "Sheet1")
    assert "E12" not in comments
    assert len(comments) == 12
    sheet = opened(copy)["Sheet1"]
    assert (sheet["I12"].value, sheet["J3"].value) == ("通过", None)
    ((red, rules),) = sheet.conditional_formatting._cf_rules.items()
    assert not {"E12", "B20", "I12"} & {
        word for part in str(red.sqref).split() for word in part.split(":")
    }
    assert len(rules) == 1


def test_a_workbook_without_mistakes_gets_no_comments() -> None:
    data = table([CODED, GOOD])

    assert parts_of(_annotated(data)).keys() == parts_of(data).keys()


def test_our_words_are_added_to_somebody_elses_comment_once() -> None:
    book = opened(table([CODED, BAD]))
    book.worksheets[0]["E2"].comment = Comment("回头再问", "前台")

    once = _annotated(saved(book))
    twice = _annotated(once)

    for copy in (once, twice):
        text = _comments(copy, "Sheet1")["E2"]
        assert text.startswith(f"回头再问\n【{AUTHOR}】联系电话不对")
        assert text.count(AUTHOR) == 1
    assert parts_of(twice)["xl/comments/comment1.xml"].count(b"<comment ") == 2


def _rich_workbook() -> bytes:
    """Shared strings, a picture, a chart, a second sheet with comments of its own, a print header."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("业主")
        for number, row in enumerate([CODED, GOOD, BAD]):
            sheet.write_row(number, 0, row)
        sheet.insert_image(10, 1, "pixel.png", {"image_data": io.BytesIO(PIXEL)})
        chart = book.add_chart({"type": "column"})
        chart.add_series({"values": "=业主!$C$2:$C$3"})
        sheet.insert_chart(20, 1, chart)
        sheet.data_validation(1, 1, 9, 1, {"validate": "list", "source": ["住宅", "商铺"]})
        sheet.autofilter(0, 0, 2, 4)
        sheet.set_column(0, 16383, 9)
        other = book.add_worksheet("别的")
        other.write_comment("A1", "别处的批注")
    return out.getvalue()


def test_pictures_charts_and_other_sheets_stay() -> None:
    data = _rich_workbook()

    copy = _annotated(data)

    before, after = parts_of(data), parts_of(copy)
    changed = {name for name in after if before.get(name) != after[name]}
    assert changed == {
        "[Content_Types].xml",
        "xl/worksheets/sheet1.xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
        "xl/styles.xml",
        "xl/comments2.xml",
        "xl/drawings/vmlDrawing2.vml",
    }
    assert _comments(copy, "别的") == {"A1": "别处的批注"}
    assert set(_comments(copy, "业主")) == {"B3", "E3"}
    sheet = opened(copy)["业主"]
    assert sheet.column_dimensions["F"].width == 36
    assert len(sheet._charts) == 1
    assert after["xl/media/image1.png"] == PIXEL


@pytest.mark.parametrize("data", [_rich_workbook(), MESSY, owner_template()])
def test_children_stand_in_the_order_the_schema_wants(data: bytes) -> None:
    read = read_owners(data)
    part = "xl/worksheets/sheet1.xml"

    root = etree.fromstring(parts_of(annotate(data, read))[part])

    ranks = [_ORDER.split().index(etree.QName(child).localname) for child in root]
    assert ranks == sorted(ranks)


def test_two_drawings_never_share_a_number() -> None:
    after = parts_of(_annotated(_rich_workbook()))

    blocks = [
        re.search(rb'idmap [^>]*data="([\d,]+)"', after[f"xl/drawings/vmlDrawing{n}.vml"])
        for n in (1, 2)
    ]
    assert [found and found[1] for found in blocks] == [b"1", b"2"]


def test_two_thousand_comments() -> None:
    rows = [[f"5-1-{n}", "城堡", 98.5, "丁一", "17400000001"] for n in range(1000, 3000)]

    copy = _annotated(table([CODED, *rows]))

    drawing = parts_of(copy)["xl/drawings/vmlDrawing1.vml"]
    shapes = re.findall(rb'id="_x0000_s(\d+)"', drawing)
    assert len(set(shapes)) == 2000
    assert b'data="1,2"' in drawing
    assert {int(number) // 1024 for number in shapes} == {1, 2}
    assert len(_comments(copy, "Sheet1")) == 2000


def test_nothing_we_write_is_a_formula() -> None:
    copy = _annotated(table([CODED, GOOD, BAD]), {2: '=HYPERLINK("http://x","a")\x00\x1b<&>'})

    cell = opened(copy)["Sheet1"]["F2"]
    assert (cell.data_type, cell.value) == ("s", '=HYPERLINK("http://x","a")<&>')


def test_formatted_blank_cells_beside_the_table_make_room() -> None:
    book = opened(table([CODED, GOOD]))
    for column in "FGH":
        book.worksheets[0][f"{column}2"].fill = PatternFill("solid", fgColor="FF00FF00")

    sheet = opened(_annotated(saved(book)))["Sheet1"]

    assert sheet["F2"].value == "通过"
    assert sheet["G2"].fill.fgColor.rgb == "FF00FF00"


def test_notes_beside_the_table_are_not_covered() -> None:
    sheet = opened(_annotated(table([CODED, [*GOOD, "", "旁注"]])))["Sheet1"]

    assert (sheet["G2"].value, sheet["H1"].value, sheet["H2"].value) == ("旁注", "导入结果", "通过")


def test_a_new_book_of_openpyxl_with_a_comment_but_no_mistake_keeps_it() -> None:
    book = Workbook()
    for row in (CODED, GOOD):
        book.worksheets[0].append(row)
    book.worksheets[0]["A2"].comment = Comment("核对过", "前台")

    assert _comments(_annotated(saved(book)), "Sheet") == {"A2": "核对过"}
