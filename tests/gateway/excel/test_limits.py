"""What is refused before anything is parsed: never a traceback, always a sentence."""

import struct
import zipfile
import zlib
from contextlib import suppress

import pytest

from domain.errors import BackOfficeError
from gateway.excel import errors, limits
from gateway.excel.owners import read_owners
from gateway.excel.package import Package
from tests.gateway.excel.workbooks import DATA, OWNERS, inline, parts_of, raw, table, zipped

OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600
CLEAN = (DATA / "owners-clean.xlsx").read_bytes()

NOT_WORKBOOKS = {
    "empty": b"",
    "random": bytes(range(256)) * 40,
    "csv": "房号,业主\n5-1-101,丁一".encode("gbk"),
    "html": b"<html><table></table></html>",
    "pdf": b"%PDF-1.7",
    "old xls": OLE,
    "zip of something": zipped({"a.txt": b"hello"}),
    "word": zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}),
    "xlsb": zipped({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b""}),
    "ods": zipped({"mimetype": b"application/vnd.oasis", "content.xml": b"<o/>"}),
    "cut short": CLEAN[: len(CLEAN) // 2],
    "no rels": zipped({k: v for k, v in parts_of(CLEAN).items() if "workbook.xml.rels" not in k}),
    "broken sheet": zipped(
        parts_of(CLEAN) | {"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>"}
    ),
    "twice the same part": zipped(
        parts_of(CLEAN) | {"XL/workbook.xml": b"<workbook/>"},
    ),
}


@pytest.mark.parametrize("name", NOT_WORKBOOKS)
def test_what_is_no_workbook(name: str) -> None:
    with pytest.raises(errors.WorkbookRefused) as refused:
        read_owners(NOT_WORKBOOKS[name], file_name="业主.xlsx")

    assert refused.value.code in ("workbook_not_xlsx", "header_missing")
    assert "请" in refused.value.message


def test_a_file_of_a_hundred_megabytes() -> None:
    with pytest.raises(errors.WorkbookTooLarge, match="100 MB"):
        read_owners(b"PK\x03\x04" + b"\0" * (100 * 1024 * 1024))


def test_a_password_to_open() -> None:
    with pytest.raises(errors.EncryptedWorkbook):
        read_owners(OLE + "EncryptedPackage".encode("utf-16-le"))


@pytest.mark.parametrize(
    "part", ["xl/vbaProject.bin", "xl/VBAPROJECT.BIN", "xl/macrosheets/sheet1.xml"]
)
def test_macros(part: str) -> None:
    with pytest.raises(errors.MacroWorkbook):
        read_owners(zipped(parts_of(CLEAN) | {part: b"x"}))


def test_a_macro_workbook_renamed() -> None:
    parts = parts_of(CLEAN)
    types = parts["[Content_Types].xml"]
    plain = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    assert plain in types
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"

    with pytest.raises(errors.MacroWorkbook):
        read_owners(zipped(parts | {"[Content_Types].xml": types.replace(plain, macro)}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be"])
def test_entities(encoding: str) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'

    with pytest.raises(errors.UnsafeWorkbook):
        read_owners(zipped(parts_of(CLEAN) | {"xl/styles.xml": bomb.encode(encoding)}))


def test_entities_where_two_chunks_meet() -> None:
    for offset in range(1, 12):
        padded = b"<a>" + b" " * ((1 << 18) - 3 - offset) + b"<!DOCTYPE a><b/></a>"
        with pytest.raises(errors.UnsafeWorkbook):
            Package(zipped(parts_of(CLEAN) | {"xl/styles.xml": padded}))


def test_a_zip_that_unfolds_into_too_much() -> None:
    parts = {"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<w/>"}
    zeros = b"\0" * (40 * 1024 * 1024)
    with pytest.raises(errors.WorkbookBomb):
        Package(zipped(parts | {"xl/media/a.bin": zeros}))


def test_the_sum_of_many_parts_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNZIPPED_BYTES", 100_000)

    with pytest.raises(errors.WorkbookBomb):
        Package(CLEAN)


def test_a_zip_whose_directory_lies_about_sizes() -> None:
    """Says 10 bytes, holds ten million: Python's zipfile would stop early and believe it."""
    honest = zipped(parts_of(CLEAN) | {"xl/bomb.xml": b" " * 10_000_000})
    name = b"xl/bomb.xml"
    lying = bytearray(honest)
    entry = honest.rindex(b"PK\x01\x02", 0, honest.rindex(name))
    struct.pack_into("<I", lying, entry + 24, 10)
    struct.pack_into("<I", lying, entry + 16, zlib.crc32(b" " * 10))

    with pytest.raises(errors.NotAWorkbook):
        Package(bytes(lying))


def test_too_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_PARTS", 3)

    with pytest.raises(errors.WorkbookTooLarge):
        Package(CLEAN)


def test_more_rows_than_we_read_at_once() -> None:
    cells = "".join(
        f'<row r="{row}"><c r="A{row}"><v>1</v></c></row>' for row in range(1, limits.MAX_ROWS + 2)
    )

    with pytest.raises(errors.WorkbookTooManyRows, match="50001"):
        read_owners(raw(cells))


def test_one_stray_cell_at_the_far_corner_does_not_end_the_process() -> None:
    rows = (
        f'<row r="1">{inline("A1", "房号")}</row><row r="1048576">{inline("XFD1048576", "x")}</row>'
    )

    with pytest.raises(errors.WorkbookTooLarge):
        read_owners(raw(rows))


def test_one_stray_cell_far_to_the_right() -> None:
    rows = f'<row r="1">{inline("XFD1", " x")}</row><row r="40000">{inline("A40000", "x")}</row>'

    with pytest.raises(errors.WorkbookTooLarge, match="16384 列"):
        read_owners(raw(rows))


def test_one_long_text_repeated_in_every_cell() -> None:
    """The reader copies a shared text into each cell that shows it."""
    text = "长" * 30_000
    shared = f"<sst><si><t>{text}</t></si></sst>".encode()
    cells = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{col}{row}" t="s"><v>0</v></c>' for col in "ABCDE")
        + "</row>"
        for row in range(1, 1001)
    )
    parts = parts_of(raw(cells)) | {"xl/sharedStrings.xml": shared}

    with pytest.raises(errors.WorkbookTooLarge):
        read_owners(zipped(parts))


def test_formatted_blank_rows_to_the_end_of_the_sheet_are_nothing() -> None:
    header = "".join(inline(f"{col}1", word) for col, word in zip("ABCDEFG", OWNERS, strict=False))
    blanks = "".join(f'<row r="{row}"><c r="A{row}" s="0"/></row>' for row in range(60_000, 60_010))

    sheet = read_owners(raw(f'<row r="1">{header}</row>{blanks}'))

    assert sheet.rows == []
    assert sheet.ignored_rows == [1]


def test_too_many_merged_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.excel.workbook.MAX_MERGED", 1)
    parts = parts_of(table([OWNERS, ["1栋"], ["1栋"], ["x"]]))
    sheet = parts["xl/worksheets/sheet1.xml"].replace(
        b"</sheetData>", b'</sheetData><mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>'
    )

    with pytest.raises(errors.WorkbookTooLarge):
        read_owners(zipped(parts | {"xl/worksheets/sheet1.xml": sheet}))


def test_rows_out_of_order() -> None:
    rows = '<row r="5"><c r="A5"><v>1</v></c></row><row r="2"><c r="A2"><v>1</v></c></row>'

    with pytest.raises(errors.NotAWorkbook):
        read_owners(raw(rows))


def test_a_stored_part_is_read_too() -> None:
    stored = zipped(parts_of(CLEAN), zipfile.ZIP_STORED)

    assert len(read_owners(stored).rows) == 456


def test_another_compression_is_refused() -> None:
    with pytest.raises(errors.NotAWorkbook):
        read_owners(zipped(parts_of(CLEAN), zipfile.ZIP_BZIP2))


def test_every_byte_flipped_somewhere_never_ends_in_a_traceback() -> None:
    messy = (DATA / "owners-messy.xlsx").read_bytes()
    for position in range(0, len(messy), 97):
        damaged = bytearray(messy)
        damaged[position] ^= 0x41
        with suppress(BackOfficeError):
            assert read_owners(bytes(damaged)).header_row == 3
