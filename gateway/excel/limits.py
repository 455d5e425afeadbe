"""What we take in. A workbook comes from a stranger: every number here is checked before parsing."""

from gateway.excel.errors import (
    EncryptedWorkbook,
    NotAWorkbook,
    WorkbookTooLarge,
)

MAX_FILE_BYTES = 20 * 1024 * 1024
MAX_UNZIPPED_BYTES = 300 * 1024 * 1024
MAX_PART_BYTES = 150 * 1024 * 1024
MAX_PARTS = 5_000
MAX_RATIO = 300  # a long table of equal rows deflates about 100 times; zeros 1,030 times
RATIO_APPLIES_FROM = 10 * 1024 * 1024
MAX_ROWS = 50_000
MAX_CELLS = 2_000_000
MAX_AREA = 5_000_000  # rows x columns; the reader holds the rectangle, however few cells are filled
MAX_MERGED = 200_000  # cells below the first of a merged block
MAX_TEXT_BYTES = 60 * 1024 * 1024  # shared strings, counted as often as cells repeat them

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_ADVICE = "请用 Excel 或 WPS 打开后另存为 .xlsx 再上传"


def check_file(data: bytes) -> None:
    """Refuse by size and by the first bytes, with a sentence that says how to mend it."""
    if not data:
        raise NotAWorkbook("文件是空的，请重新选择要上传的表格")
    check_size(len(data))
    if data.startswith(_OLE):
        _refuse_ole(data)
    if not data.startswith(b"PK"):
        raise NotAWorkbook(f"{_guess(data)}，{_ADVICE}")


def check_size(size: int) -> None:
    """Refuse by the number of bytes: before a large file is even read."""
    if size > MAX_FILE_BYTES:
        shown, most = size / 1024 / 1024, MAX_FILE_BYTES // 1024 // 1024
        raise WorkbookTooLarge(f"文件有 {shown:.0f} MB，超过 {most} MB 的上限，请拆成几个表格上传")


def _refuse_ole(data: bytes) -> None:
    if _ENCRYPTED in data:
        raise EncryptedWorkbook("表格设置了打开密码，请取消密码后再上传")
    raise NotAWorkbook(f"这是旧版 Excel（.xls）文件，{_ADVICE}")


def _guess(data: bytes) -> str:
    """What the file seems to be, for the sentence."""
    head = data[:2048].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table")):
        return "这是网页格式的表格"
    if head.startswith(b"<?xml"):
        return "这是 XML 文件"
    if head.startswith(b"%pdf"):
        return "这是 PDF 文件"
    if b"\x00" not in head and any(mark in head for mark in (b",", b"\t", b";")):
        return "这是文本（CSV）文件"
    return "这不是 Excel 表格"
