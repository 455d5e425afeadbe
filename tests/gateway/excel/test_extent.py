"""Where the sheet's cells are: positions written, left out, or written oddly."""

import pytest

from gateway.excel.errors import NotAWorkbook
from gateway.excel.extent import Extent, cell_position, column_letters, column_number, measure
from gateway.excel.owners import read_owners
from tests.gateway.excel.workbooks import CODED, inline, raw

LENGTHS = [3, 5]

SHEETS = {
    '<row r="2"><c r="B2"><v>1</v></c></row><row r="7"><c r="AB7"><v>1</v></c></row>': Extent(
        7, 28, 0
    ),
    '<row r="2"><c r="B2" t="s"><v>1</v></c><c r="C2" t="s"><v>1</v></c></row>': Extent(2, 3, 10),
    # left to the parser:
    "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c></row>": Extent(2, 2, 0),
    "<row r='2'><c r='B2' t='s'><v>0</v></c></row>": Extent(2, 2, 3),
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t = "s"><v>0</v></c></row>': Extent(2, 3, 6),
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t\t="s"><v>0</v></c></row>': Extent(2, 3, 6),
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t\n="s"><v>0</v></c></row>': Extent(2, 3, 6),
    '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t\r="s"><v>0</v></c></row>': Extent(2, 3, 6),
    '<!-- note --><row r="3"><c r="A3"><v>1</v></c></row>': Extent(3, 1, 0),
    '<x:row xmlns:x="u" r="3"><x:c r="C3"><x:v>1</x:v></x:c></x:row>': Extent(3, 3, 0),
    '<row r="90000"><c r="A90000" s="1"/></row>': Extent(0, 0, 0),
    '<row r="1"/>': Extent(0, 0, 0),
}


@pytest.mark.parametrize("rows", SHEETS)
def test_how_far_a_sheet_reaches(rows: str) -> None:
    sheet = f'<worksheet xmlns:r="u"><sheetData>{rows}</sheetData></worksheet>'.encode()

    assert measure(sheet, lambda: LENGTHS) == SHEETS[rows]


def test_a_sheet_that_is_no_xml() -> None:
    with pytest.raises(NotAWorkbook):
        measure(b"<!-- --><worksheet><sheetData><row>", list)


def test_letters_and_numbers_of_columns() -> None:
    assert [column_letters(n) for n in (1, 26, 27, 702, 703, 16384)] == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
        "XFD",
    ]
    assert all(column_number(column_letters(n)) == n for n in range(1, 16385, 7))
    assert cell_position("C7") == (7, 3)
    assert cell_position("7") is None


def test_row_numbers_are_those_of_the_sheet_wherever_the_table_starts() -> None:
    """Four blank rows above and two blank columns before: the reader skips them, we do not."""
    columns = "CDEFG"
    header = "".join(inline(f"{c}5", word) for c, word in zip(columns, CODED, strict=True))
    good = ["5-1-101", "住宅", "98.5", "丁一", "17400000001"]
    bad = ["5-1-102", "住宅", "98.5", "丁一", "1740"]
    rows = "".join(
        f'<row r="{number}">'
        + "".join(inline(f"{c}{number}", word) for c, word in zip(columns, words, strict=True))
        + "</row>"
        for number, words in ((8, good), (11, bad))
    )

    sheet = read_owners(raw(f'<row r="5">{header}</row>{rows}'))

    assert (sheet.header_row, [row.row for row in sheet.rows]) == (5, [8])
    assert [error.cell for error in sheet.refused] == ["G11"]
    assert sheet.ignored_rows == [1, 2, 3, 4, 5, 6, 7, 9, 10]
    assert sheet.result_column == 7
