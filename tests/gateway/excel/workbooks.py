"""Small workbooks for tests: tables, raw sheet XML, zips that lie."""

import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook

from gateway.excel.errors import BadCell

DATA = Path(__file__).parents[2] / "data"
OWNERS = [
    "楼栋",
    "单元",
    "房号",
    "房屋类型",
    "建筑面积",
    "业主姓名",
    "联系电话",
    "身份证号码",
    "家庭成员",
    "交付日期",
]
CODED = ["房号", "房屋类型", "建筑面积", "业主姓名", "联系电话"]
GOOD = ["5-1-101", "住宅", 98.5, "丁一", "17400000001"]
BAD = ["5-1-102", "城堡", 98.5, "杜二", "12"]


def outcome(parse: Callable[[Any], Any], value: Any) -> str:
    """`taken`, or the code of the refusal; anything worse fails the test."""
    try:
        parse(value)
    except BadCell as refused:
        return refused.code
    return "taken"


def saved(book: Workbook) -> bytes:
    """The workbook as a file."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(rows: Sequence[Sequence[Any]], title: str = "Sheet1") -> bytes:
    """A workbook with one sheet holding these rows from A1 on."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(title)
    for row in rows:
        sheet.append(row)
    return saved(book)


def parts_of(data: bytes) -> dict[str, bytes]:
    """Every part of a workbook."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(parts: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A workbook of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def raw(rows: str, **replaced: bytes) -> bytes:
    """A workbook whose only sheet has this XML inside sheetData."""
    parts = parts_of(table([]))
    sheet = parts["xl/worksheets/sheet1.xml"]
    body = f"<sheetData>{rows}</sheetData>".encode()
    empty = re.compile(rb"<sheetData\s*/>|<sheetData></sheetData>")
    parts["xl/worksheets/sheet1.xml"], count = empty.subn(lambda _: body, sheet)
    assert count == 1
    return zipped(parts | replaced)


def inline(reference: str, text: str) -> str:
    """One cell of text."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def opened(data: bytes) -> Workbook:
    """As openpyxl sees it."""
    return load_workbook(io.BytesIO(data))
