"""How far a sheet reaches, measured before the fast reader sees it.

The reader holds the whole rectangle from the first to the last filled cell, each with its own copy
of the text, and ends the process when memory is short. One stray cell in XFD1048576 would do.
"""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

from lxml import etree

from gateway.excel import limits
from gateway.excel.errors import NotAWorkbook, WorkbookTooLarge, WorkbookTooManyRows
from gateway.excel.package import BROKEN, Package, local

_PLAIN_CELL = re.compile(rb'<c r="([A-Z]{1,3})\d{1,7}"')
_PLAIN_ROW = re.compile(rb'<c r="[A-Z]{1,3}(\d{1,7})"')
_ANY_CELL = re.compile(rb"<c[\s/>]")
# literal pieces, because searching them is ten times faster than a pattern with alternatives; and
# first the sign they hold, because searching one byte is ten times faster again
_ODD = {
    b"<": (b"<!",), b" ": (b" t ", b"t ="), b":": (b":c ", b":c>", b":row"), b"'": (b"t='",),
    b"\t": (b"t\t",), b"\n": (b"t\n",), b"\r": (b"t\r",),
}  # fmt: skip
_SHARED = re.compile(rb't="s"[^<>]*><v>(\d{1,9})</v>')
_END_OF_STRING = re.compile(rb"<(?:[\w.-]+:)?si\s*/>|</(?:[\w.-]+:)?si\s*>")


Lengths = Callable[[], list[int]]
"""Bytes of each shared string, looked for where a cell points to one."""


class Extent(NamedTuple):
    """The last row and column that hold something, and the bytes of shared text they repeat."""

    rows: int
    columns: int
    text_bytes: int


def check_sheets(package: Package) -> None:
    """Refuse a workbook of which any sheet is longer, wider or heavier than we hold in memory."""
    names = [name for name in package.names if name.lower().endswith(".xml")]

    @cache
    def lengths() -> list[int]:
        return _string_lengths(map(package.read, names))

    for content in map(package.read, names):
        if b"sheetData" in content:
            _check(measure(content, lengths))


def _check(extent: Extent) -> None:
    if extent.rows > limits.MAX_ROWS:
        raise WorkbookTooManyRows(
            f"表格有 {extent.rows} 行，超过 {limits.MAX_ROWS} 行的上限，请拆成几个表格上传"
        )
    if extent.rows * extent.columns > limits.MAX_AREA:
        raise WorkbookTooLarge(
            f"表格范围有 {extent.rows} 行、{extent.columns} 列，请删除右侧多余的列后再上传"
        )
    if extent.text_bytes > limits.MAX_TEXT_BYTES:
        raise WorkbookTooLarge("表格里的文字太多，请删除大段文字后再上传")


def measure(content: bytes, lengths: Lengths) -> Extent:
    """The extent of a sheet: by pattern where it is written as usual, else by a real parser."""
    if content.count(b"<c ") > limits.MAX_CELLS:
        raise WorkbookTooLarge("表格里的单元格太多（含有格式的空白行），请删除空白的行和列后再上传")
    extent = _measure_plain(content, lengths)
    if extent is None or extent.rows > limits.MAX_ROWS or _area(extent) > limits.MAX_AREA:
        extent = _measure_slowly(content, lengths)
    return extent


def _area(extent: Extent) -> int:
    return extent.rows * extent.columns


def _measure_plain(content: bytes, lengths: Lengths) -> Extent | None:
    """None if anything is written in a way the patterns do not cover."""
    if _is_odd(content):
        return None
    columns, rows = _PLAIN_CELL.findall(content), list(map(int, _PLAIN_ROW.findall(content)))
    shared = list(map(int, _SHARED.findall(content)))
    odd = len(columns) != len(_ANY_CELL.findall(content)) or rows != sorted(rows)
    if odd or len(shared) != content.count(b't="s"'):
        return None
    widest = max((column_number(column.decode()) for column in set(columns)), default=0)
    return Extent(rows[-1] if rows else 0, widest, _text_bytes(shared, lengths))


def _is_odd(content: bytes) -> bool:
    """Marks are searched where rows may be; the head before them is full of colons."""
    rows = max(content.find(b"sheetData"), 0)
    marks = [mark for mark in _ODD if content.find(mark, rows) >= 0]
    return any(piece in content for mark in marks for piece in _ODD[mark])


def _measure_slowly(content: bytes, lengths: Lengths) -> Extent:
    """Empty cells that only carry a format do not count, as the reader does not keep them."""
    last = widest = 0
    shared: list[int] = []
    for row, column, cell in _cells(content):
        if not _filled(cell):
            continue
        if row < last:
            raise NotAWorkbook("表格的行顺序不正常，请用 Excel 或 WPS 重新保存后再上传")
        last, widest = row, max(widest, column)
        if cell.get("t") == "s":
            shared.append(_index(cell))
    return Extent(last, widest, _text_bytes(shared, lengths))


def _cells(content: bytes) -> Iterator[tuple[int, int, etree._Element]]:
    """Row, column and element of each cell; positions not written are counted, as readers do."""
    row = column = 0
    try:
        for event, element in etree.iterparse(
            io.BytesIO(content),
            events=("start", "end"),
            tag=("{*}row", "{*}c"),
            resolve_entities=False,
            no_network=True,
            huge_tree=True,
        ):
            if local(str(element.tag)) == "row":
                row, column = (_row_number(element, row + 1), 0) if event == "start" else (row, 0)
                if event == "end":
                    _forget(element)
            elif event == "end":
                at = cell_position(element.get("r", ""))
                row, column = at or (row, column + 1)
                yield row, column, element
    except etree.XMLSyntaxError as cause:
        raise NotAWorkbook(BROKEN) from cause


def _forget(element: etree._Element) -> None:
    """Free a row that has been read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _row_number(element: etree._Element, following: int) -> int:
    written = element.get("r", "")
    return (
        int(written) if written.isascii() and written.isdigit() and len(written) < 9 else following
    )


def _filled(cell: etree._Element) -> bool:
    return any(True for child in cell if local(str(child.tag)) in ("v", "is", "f"))


def _index(cell: etree._Element) -> int:
    text = "".join(str(part) for child in cell for part in child.itertext()).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def cell_position(reference: str) -> tuple[int, int] | None:
    """`C7` -> (7, 3); None for anything else."""
    found = re.fullmatch(r"\$?([A-Z]{1,7})\$?(\d{1,9})", reference.upper())
    return (int(found[2]), column_number(found[1])) if found else None


def column_number(letters: str) -> int:
    """`A` -> 1, `AA` -> 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(number: int) -> str:
    """1 -> `A`, 27 -> `AA`."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _string_lengths(parts: Iterable[bytes]) -> list[int]:
    """Bytes of each shared string as written; an upper bound of its text."""
    for content in parts:
        if b"<sst" in content or b":sst" in content:
            return [len(piece) for piece in _END_OF_STRING.split(content)]
    return []


def _text_bytes(shared: Sequence[int], lengths: Lengths) -> int:
    """An index out of range counts nothing here: the reader itself refuses it."""
    if not shared:
        return 0
    known = lengths()
    counted = Counter(shared).items()
    return sum(known[index] * times for index, times in counted if index < len(known))
