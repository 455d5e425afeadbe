"""Tables out: any number of rows in constant memory, and nothing in them is ever a formula."""

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, Literal

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from domain.clock import SHANGHAI

Kind = Literal["text", "number", "money", "date", "time"]

_FORMATS: dict[Kind, dict[str, str]] = {
    "text": {"num_format": "@"},
    "number": {"num_format": "#,##0.####"},
    "money": {"num_format": "¥#,##0.00"},
    "date": {"num_format": "yyyy-mm-dd"},
    "time": {"num_format": "yyyy-mm-dd hh:mm"},
}
_HEADING = {
    "bold": True,
    "bg_color": "#EEF2F7",
    "bottom": 1,
    "text_wrap": True,
    "valign": "vcenter",
}
_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\']")
_ROWS_PER_SHEET = 1_000_000
_LONGEST_TEXT = 32_767


@dataclass(frozen=True)
class ExportColumn:
    """A column: `money` takes whole fen, `time` aware moments (shown in Shanghai time)."""

    heading: str
    kind: Kind = "text"
    width: int = 14


def write_table(
    target: str | Path | BinaryIO,
    title: str,
    columns: Sequence[ExportColumn],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Write `rows` under a frozen header to a new workbook; returns how many. None is a blank.

    After a million rows the table goes on in another sheet with the same header.
    """
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(target, options) as book:
        formats = {kind: book.add_format(style) for kind, style in _FORMATS.items()}
        heading = book.add_format(_HEADING)
        sheet = _sheet(book, title, columns, heading)
        for values in rows:
            if count and count % _ROWS_PER_SHEET == 0:
                sheet = _sheet(book, title, columns, heading)
            for index, (column, value) in enumerate(zip(columns, values, strict=True)):
                _write(sheet, count % _ROWS_PER_SHEET + 1, index, value, column.kind, formats)
            count += 1
    return count


def _sheet(
    book: xlsxwriter.Workbook, title: str, columns: Sequence[ExportColumn], heading: Format
) -> Worksheet:
    number = len(book.worksheets()) + 1
    name = _NOT_IN_SHEET_NAMES.sub(" ", title).strip()[:24] or "表格"
    sheet = book.add_worksheet(name if number == 1 else f"{name}（{number}）")
    sheet.freeze_panes(1, 0)
    for index, column in enumerate(columns):
        sheet.set_column(index, index, column.width)
        sheet.write_string(0, index, column.heading, heading)
    return sheet


def _write(
    sheet: Worksheet, row: int, column: int, value: Any, kind: Kind, formats: dict[Kind, Format]
) -> None:
    style = formats[kind]
    if value is None:
        return
    if isinstance(value, dt.datetime):
        local = value.astimezone(SHANGHAI).replace(tzinfo=None)
        sheet.write_datetime(row, column, local, style)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, column, dt.datetime.combine(value, dt.time()), style)
    elif kind == "money":
        sheet.write_number(row, column, Decimal(value) / 100, style)
    elif kind == "number":
        sheet.write_number(row, column, value, style)
    else:
        sheet.write_string(row, column, _text(value)[:_LONGEST_TEXT], formats["text"])


def _text(value: Any) -> str:
    return ("是" if value else "否") if isinstance(value, bool) else str(value)
