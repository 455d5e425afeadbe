"""Annotating sheets written in ways Excel would not, but may."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.excel.annotate import annotate
from gateway.excel.extent import column_letters
from gateway.excel.owners import read_owners
from gateway.excel.sheet_rows import Column, with_column
from gateway.excel.shell import Shell
from tests.gateway.excel.workbooks import (
    BAD,
    CODED,
    GOOD,
    inline,
    opened,
    parts_of,
    raw,
    table,
    zipped,
)


def _odd(rows: str, prefix: str = "") -> bytes:
    """A sheet written in ways Excel would not, but may."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    name = f"{prefix}:" if prefix else ""
    xmlns = f"xmlns:{prefix}" if prefix else "xmlns"
    sheet = f'<{name}worksheet {xmlns}="{main}"><{name}sheetData>{rows}</{name}sheetData></{name}worksheet>'
    return zipped(parts_of(raw("")) | {"xl/worksheets/sheet1.xml": sheet.encode()})


def _cells(row: int | None, values: list[Any], name: str = "") -> str:
    written = [
        f'<{name}c{f" r={chr(34)}{column_letters(n)}{row}{chr(34)}" if row else ""} t="inlineStr">'
        f"<{name}is><{name}t>{value}</{name}t></{name}is></{name}c>"
        for n, value in enumerate(values, 1)
    ]
    number = f' r="{row}"' if row else ""
    return f"<{name}row{number}>{''.join(written)}</{name}row>"


@pytest.mark.parametrize(
    "data",
    [
        _odd(_cells(None, CODED) + _cells(None, GOOD) + "<row/>" + _cells(None, BAD)),
        _odd(
            _cells(1, CODED, "x:")
            + _cells(2, GOOD, "x:")
            + '<x:row r="3"/>'
            + _cells(4, BAD, "x:"),
            "x",
        ),
        _odd(f"<!-- </row> -->{_cells(1, CODED)}{_cells(2, GOOD)}{_cells(4, BAD)}<![CDATA[]]>"),
    ],
    ids=["no references", "prefixed", "comments"],
)
def test_sheets_written_oddly(data: bytes) -> None:
    sheet = opened(annotate(data, read_owners(data))).worksheets[0]

    assert [sheet[f"F{row}"].value for row in (1, 2, 3)] == ["导入结果", "通过", None]
    assert str(sheet["F4"].value).startswith("不通过：不认识")


def test_a_sheet_in_another_encoding() -> None:
    plain = parts_of(table([CODED, GOOD]))
    root = etree.fromstring(plain["xl/worksheets/sheet1.xml"])
    latin = etree.tostring(root, encoding="ISO-8859-1", xml_declaration=True)

    shell = Shell(latin)

    assert "丁一".encode() in shell.joined(shell.body)


@given(st.sets(st.tuples(st.integers(1, 6), st.integers(1, 8)), min_size=1), st.integers(1, 9))
def test_a_column_is_written_into_any_sheet_without_touching_other_cells(
    cells: set[tuple[int, int]], column: int
) -> None:
    rows = sorted({row for row, _ in cells})
    body = "".join(
        f'<row r="{row}">'
        + "".join(inline(f"{column_letters(c)}{r}", "v") for r, c in sorted(cells) if r == row)
        + "</row>"
        for row in rows
    )
    texts = {row: f"第{row}行" for row in rows}

    written = with_column(body.encode(), Column(column - 1, texts, rows[0]))

    sheet = opened(raw(written.decode())).worksheets[0]
    seen = {
        (c.row, c.column): c.value
        for line in sheet.iter_rows()
        for c in line
        if c.value is not None
    }
    expected = {cell: "v" for cell in cells if cell[1] != column}
    assert seen == expected | {(row, column): texts[row] for row in rows}
    columns = [re.findall(rb'<c r="([A-Z]+)', row) for row in written.split(b"</row>")]
    assert all(found == sorted(found) for found in columns)


def test_a_strict_workbook() -> None:
    parts = parts_of(table([CODED, BAD]))
    main, strict = (
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
        b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    )
    parts = {name: content.replace(main, strict) for name, content in parts.items()}

    data = zipped(parts)
    after = parts_of(annotate(data, read_owners(data)))

    assert (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships"
        in after["xl/worksheets/sheet1.xml"]
    )
    assert strict in after["xl/comments1.xml"]
