"""The two workbook libraries at their barest: the yardstick of `wuye bench import`."""

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import python_calamine as calamine
import xlsxwriter


def read_values(data: bytes) -> list[list[Any]]:
    """All cells of the first sheet, as the fast reader gives them."""
    with calamine.load_workbook(io.BytesIO(data)) as book:
        rows: list[list[Any]] = book.get_sheet_by_index(0).to_python()
    return rows


def write_values(target: Path, rows: Iterable[Iterable[Any]]) -> None:
    """The same cells to a new workbook, a row at a time in constant memory."""
    options = {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(target, options) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
