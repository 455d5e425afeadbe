"""Tables out."""

import datetime as dt
import io
from decimal import Decimal

import pytest

from gateway.excel import export
from gateway.excel.export import ExportColumn, write_table
from tests.gateway.excel.workbooks import opened

COLUMNS = [
    ExportColumn("房号"),
    ExportColumn("金额", "money"),
    ExportColumn("面积", "number"),
    ExportColumn("交付日期", "date", 12),
    ExportColumn("付款时间", "time", 18),
]


def _written(title: str, rows: list[list[object]]) -> list[list[list[object]]]:
    out = io.BytesIO()
    assert write_table(out, title, COLUMNS, rows) == len(rows)
    return [[[cell.value for cell in row] for row in sheet] for sheet in opened(out.getvalue())]


def test_values_keep_their_kind() -> None:
    moment = dt.datetime(2026, 10, 31, 17, 30, tzinfo=dt.UTC)

    ((heading, row, sparse),) = _written(
        "账单",
        [
            ["5-1-021", 123456, Decimal("98.50"), dt.date(2026, 1, 2), moment],
            [None, 5, None, None, None],
        ],
    )

    assert heading == ["房号", "金额", "面积", "交付日期", "付款时间"]
    assert row == [
        "5-1-021",
        1234.56,
        98.5,
        dt.datetime.fromisoformat("2026-01-02"),
        dt.datetime.fromisoformat("2026-11-01T01:30"),
    ]
    assert sparse == [None, 0.05, None, None, None]


@pytest.mark.parametrize(
    "text", ['=HYPERLINK("http://x")', "+1", "-1", "@a", "http://x", "17400000001", "{=1}"]
)
def test_text_stays_text(text: str) -> None:
    out = io.BytesIO()
    write_table(out, "表", [ExportColumn("备注")], [[text]])

    cell = opened(out.getvalue()).worksheets[0]["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


def test_the_header_is_frozen_and_any_title_will_do() -> None:
    out = io.BytesIO()
    write_table(out, "a/b:c[*]?'" * 5, COLUMNS, [])

    sheet = opened(out.getvalue()).worksheets[0]
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["E"].width > 18


def test_a_long_table_goes_on_in_another_sheet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "_ROWS_PER_SHEET", 2)

    sheets = _written("账单", [[f"5-1-{n}", n, n, None, None] for n in range(5)])

    assert [[row[0] for row in sheet] for sheet in sheets] == [
        ["房号", "5-1-0", "5-1-1"],
        ["房号", "5-1-2", "5-1-3"],
        ["房号", "5-1-4"],
    ]


def test_a_row_that_does_not_fit_its_columns_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zip"):
        write_table(io.BytesIO(), "表", COLUMNS, [["5-1-101"]])
