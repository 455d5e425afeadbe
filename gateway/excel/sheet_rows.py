"""Writing one column into the rows of a sheet's XML, leaving every other byte of them alone.

Rows are cut at their closing tag and not parsed: twenty thousand of them take a tenth of a second.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from xml.sax.saxutils import escape

from gateway.excel.errors import NotAWorkbook
from gateway.excel.extent import cell_position, column_letters
from gateway.excel.package import BROKEN

_NUMBER = re.compile(rb'\sr\s*=\s*["\'](\d+)["\']')
_SPANS = re.compile(rb'\sspans\s*=\s*["\'][^"\']*["\']')
_REFERENCE = re.compile(rb'\sr\s*=\s*["\']([A-Z]+\d+)["\']')
_STYLE = re.compile(rb'\ss\s*=\s*["\'](\d+)["\']')
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Column:
    """What to write: text by row number, into the column with this index (from 0).

    `prefix` is the namespace prefix of the sheet with its colon, mostly empty; the heading takes
    the format of the heading before it.
    """

    index: int
    texts: Mapping[int, str]
    heading_row: int
    prefix: bytes = b""

    def cell(self, row: int, style: bytes = b"") -> bytes:
        """An inline string: whatever the text begins with, no program takes it for a formula."""
        text = self.texts.get(row)
        if text is None:
            return b""
        p = self.prefix
        opening = b'<%bc r="%b%d"%b t="inlineStr"><%bis><%bt xml:space="preserve">' % (
            p, self._letters, row, b' s="%b"' % style if style else b"", p, p,
        )  # fmt: skip
        return b"%b%b</%bt></%bis></%bc>" % (opening, _shown(text), p, p, p)

    @cached_property
    def _letters(self) -> bytes:
        return column_letters(self.index + 1).encode()


@lru_cache(maxsize=1024)
def _shown(text: str) -> bytes:
    """Cached, because most rows have the same said of them."""
    return escape(_ILLEGAL.sub("", text)).encode()


def with_column(body: bytes, column: Column) -> bytes:
    """`body` (what stands inside sheetData) with the column's cells added, replaced or removed."""
    return b"".join(_pieces(body, column))


def _pieces(body: bytes, column: Column) -> Iterator[bytes]:
    """Each piece but the last is one row without its closing tag, after any rows closed at once."""
    closing, opening = b"</%brow>" % column.prefix, b"<%brow" % column.prefix
    pieces, number = body.split(closing), 0
    for piece in pieces[:-1]:
        start = piece.rfind(opening)
        if start < 0 or b">" not in piece[start:]:
            raise NotAWorkbook(BROKEN)
        number += piece.count(opening, 0, start)
        before, tag, cells = piece[:start], *_tag(piece[start:])
        found = _NUMBER.search(tag)
        number = int(found[1]) if found else number + 1
        yield before
        yield _SPANS.sub(b"", tag)
        yield _placed(cells, number, column)
        yield closing
    yield pieces[-1]


def _tag(row: bytes) -> tuple[bytes, bytes]:
    """`<row ...>` and what follows it."""
    tag, end, rest = row.partition(b">")
    return tag + end, rest


def _placed(cells: bytes, row: int, column: Column) -> bytes:
    last = cells.rfind(b"<%bc " % column.prefix)
    found = _REFERENCE.match(cells, last + len(column.prefix) + 2) if last >= 0 else None
    at = cell_position(found[1].decode()) if found else None
    if at and at[1] <= column.index:
        style = _STYLE.search(_tag(cells[last:])[0]) if row == column.heading_row else None
        return cells + column.cell(row, style[1] if style else b"")
    return _inserted(cells, row, column)


def _inserted(cells: bytes, row: int, column: Column) -> bytes:
    """The slow way, for rows with cells at or beyond the column, or without references."""
    p = re.escape(column.prefix)
    pattern = re.compile(rb"<%bc(?=[\s/>])[^>]*?(?:/>|>.*?</%bc>)" % (p, p), re.DOTALL)
    left, right, position = [], [], 0
    for found in pattern.finditer(cells):
        reference = _REFERENCE.search(_tag(found[0])[0])
        at = cell_position(reference[1].decode()) if reference else None
        position = at[1] if at else position + 1
        if position <= column.index:
            left.append(found[0])
        elif position > column.index + 1:
            right.append(found[0])
    return b"".join([*left, column.cell(row), *right])
