"""What people download: it explains itself, and the import takes its examples."""

from collections.abc import Callable
from typing import Any

import pytest

from gateway.excel.annotate import annotate
from gateway.excel.charges import read_charges
from gateway.excel.owners import read_owners
from gateway.excel.readings import read_readings
from gateway.excel.templates import charge_template, owner_template, reading_template
from tests.gateway.excel.workbooks import opened

PAIRS = [
    (owner_template, read_owners),
    (reading_template, read_readings),
    (charge_template, read_charges),
]


@pytest.mark.parametrize(("template", "read"), PAIRS)
def test_the_examples_are_accepted(
    template: Callable[[], bytes], read: Callable[[bytes], Any]
) -> None:
    data = template()

    sheet = read(data)

    assert [row.row for row in sheet.rows] == [2, 3, 4]
    assert (sheet.refused, sheet.ignored_rows, sheet.unread_sheets) == ([], [1], [])
    assert read(annotate(data, sheet)).rows == sheet.rows


@pytest.mark.parametrize(("template", "read"), PAIRS)
def test_every_column_is_explained(
    template: Callable[[], bytes], read: Callable[[bytes], Any]
) -> None:
    book = opened(template())

    headings = [cell.value for cell in book.worksheets[0][1]]
    assert [
        row[0].value for row in book["填写说明"].iter_rows(min_row=2, max_row=len(headings) + 1)
    ] == headings


def test_columns_that_excel_would_spoil_are_text() -> None:
    sheet = opened(owner_template()).worksheets[0]

    formats = {sheet.cell(1, n).value: sheet.cell(1000, n).number_format for n in range(1, 13)}
    assert formats["房号"] == formats["身份证号码"] == formats["联系电话"] == "@"
    assert formats["建筑面积(㎡)"] == "General"
