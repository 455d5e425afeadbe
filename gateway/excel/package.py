"""The zip around a workbook: its parts, inflated within limits, and rewritten part by part."""

import io
import posixpath
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping

from lxml import etree

from gateway.excel import limits
from gateway.excel.errors import (
    EncryptedWorkbook,
    MacroWorkbook,
    NotAWorkbook,
    UnsafeWorkbook,
    WorkbookBomb,
    WorkbookTooLarge,
)

CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
_CHUNK = 1 << 18
_DECLARATIONS = ("<!DOCTYPE", "<!ENTITY")
_UNSAFE = tuple(
    word.encode(encoding)
    for word in _DECLARATIONS
    for encoding in ("ascii", "utf-16-le", "utf-16-be")
)
_OVERLAP = max(map(len, _UNSAFE)) - 1
BROKEN = "表格文件已损坏，请用 Excel 或 WPS 打开后重新保存再上传"
_OTHERS = {
    "xl/workbook.bin": "这是二进制格式（.xlsb）的表格，请另存为 .xlsx 再上传",
    "word/document.xml": "这是 Word 文档，请上传 .xlsx 表格",
    "content.xml": "这是 ODS 格式的表格，请另存为 .xlsx 再上传",
}


class Package:
    """An .xlsx that passed every check of `limits`: parts by name, in the order of the file."""

    def __init__(self, data: bytes) -> None:
        """Check `data` from outside in; raises a `WorkbookRefused` that says what is wrong."""
        limits.check_file(data)
        self.data = data
        self._infos = _directory(data)
        self.names = list(self._infos)
        self._check_kind()
        for info in self._infos.values():
            self._check_part(info)
        self._check_macros()

    def read(self, name: str) -> bytes:
        """The whole content of one part."""
        return b"".join(_inflate(self.data, self._infos[name]))

    def __contains__(self, name: object) -> bool:
        return name in self._infos

    def rewritten(self, changed: Mapping[str, bytes]) -> bytes:
        """A copy with some parts replaced or added; all others keep their bytes, order and date."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as target:
            for name, info in self._infos.items():
                copy = zipfile.ZipInfo(name, info.date_time)
                copy.compress_type = info.compress_type
                target.writestr(copy, changed[name] if name in changed else self.read(name))
            for name in changed.keys() - self._infos.keys():
                target.writestr(zipfile.ZipInfo(name), changed[name], zipfile.ZIP_DEFLATED)
        return out.getvalue()

    def _check_kind(self) -> None:
        for name, sentence in _OTHERS.items():
            if name in self:
                raise NotAWorkbook(sentence)
        if CONTENT_TYPES not in self or WORKBOOK not in self:
            raise NotAWorkbook("这不是 Excel 表格，请上传 .xlsx 文件")

    def _check_macros(self) -> None:
        lower = [name.lower() for name in self._infos]
        parts = any(n.endswith("vbaproject.bin") or n.startswith("xl/macrosheets/") for n in lower)
        if parts or b"macroenabled" in self.read(CONTENT_TYPES).lower():
            raise MacroWorkbook("表格里有宏，请另存为不含宏的 .xlsx 再上传")

    def _check_part(self, info: zipfile.ZipInfo) -> None:
        """Inflate once, counting: the directory may lie about sizes, and readers trust it."""
        size, tail = 0, b""
        is_xml = info.filename.lower().endswith((".xml", ".rels", ".vml"))
        for chunk in _inflate(self.data, info):
            size += len(chunk)
            if is_xml and any(word in tail + chunk for word in _UNSAFE):
                raise UnsafeWorkbook("表格文件里有不安全的内容，请用 Excel 或 WPS 重新保存后再上传")
            tail = chunk[-_OVERLAP:]
        if size != info.file_size:
            raise NotAWorkbook(BROKEN)


def _directory(data: bytes) -> dict[str, zipfile.ZipInfo]:
    """The entries of the zip, refused where together they would unfold too far."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, UnicodeDecodeError) as cause:
        raise NotAWorkbook(BROKEN) from cause
    if len(infos) > limits.MAX_PARTS:
        raise WorkbookTooLarge("表格文件的组成部分太多，请把数据复制到一个新表格再上传")
    if len({info.filename.lower() for info in infos}) != len(infos):
        raise NotAWorkbook(BROKEN)
    _check_sizes(infos)
    return {info.filename: info for info in infos}


def _check_sizes(infos: list[zipfile.ZipInfo]) -> None:
    total = sum(info.file_size for info in infos)
    if total > limits.MAX_UNZIPPED_BYTES or any(
        info.file_size > limits.MAX_PART_BYTES for info in infos
    ):
        raise WorkbookBomb("表格解压后太大，请删除多余的工作表、图片和空白行后再上传")
    for info in infos:
        big = info.file_size > limits.RATIO_APPLIES_FROM
        if big and info.file_size > limits.MAX_RATIO * max(info.compress_size, 1):
            raise WorkbookBomb("表格文件的压缩方式不正常，请把数据复制到一个新表格再上传")


def _inflate(data: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of an entry in chunks; stops with a refusal one byte past the declared size."""
    if info.flag_bits & 1:
        raise EncryptedWorkbook("表格设置了密码，请取消密码后再上传")
    raw = _raw(data, info)
    if info.compress_type == zipfile.ZIP_STORED:
        yield bytes(raw)
    elif info.compress_type == zipfile.ZIP_DEFLATED:
        yield from _deflated(raw, info.file_size)
    else:
        raise NotAWorkbook(BROKEN)


def _raw(data: bytes, info: zipfile.ZipInfo) -> memoryview:
    header = data[info.header_offset : info.header_offset + 30]
    if len(header) < 30 or not header.startswith(b"PK\x03\x04"):
        raise NotAWorkbook(BROKEN)
    name_length, extra_length = struct.unpack("<HH", header[26:30])
    start = info.header_offset + 30 + name_length + extra_length
    return memoryview(data)[start : start + info.compress_size]


def _deflated(raw: memoryview, declared: int) -> Iterator[bytes]:
    inflater, left = zlib.decompressobj(-zlib.MAX_WBITS), declared
    pending: bytes | memoryview = raw
    try:
        while not inflater.eof:
            chunk = inflater.decompress(pending, min(_CHUNK, left + 1))
            if len(chunk) > left or not (chunk or inflater.eof):
                raise NotAWorkbook(BROKEN)
            left -= len(chunk)
            pending = inflater.unconsumed_tail
            yield chunk
    except zlib.error as cause:
        raise NotAWorkbook(BROKEN) from cause


def parse(content: bytes) -> etree._Element:
    """One small part as a tree: no network, no entities, and a typed refusal where broken."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as cause:
        raise NotAWorkbook(BROKEN) from cause


def serialise(root: etree._Element) -> bytes:
    """A part back to bytes, as spreadsheet programs write it."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)


def local(name: str) -> str:
    """The name without its namespace."""
    return name.rpartition("}")[2]


def children(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """All elements below `root` called `name`, whatever the namespace (strict or transitional)."""
    return root.iter("{*}" + name)


def whole(element: etree._Element, name: str, otherwise: int = 0) -> int:
    """An attribute that should be a whole number."""
    written = element.get(name, "")
    return int(written) if written.isascii() and written.isdigit() else otherwise


def set_attributes(element: etree._Element, **attributes: str) -> None:
    """Several attributes at once."""
    for name, value in attributes.items():
        element.set(name, value)


def rels_of(part: str) -> str:
    """`xl/worksheets/sheet1.xml` -> `xl/worksheets/_rels/sheet1.xml.rels`."""
    folder, name = posixpath.split(part)
    return f"{folder}/_rels/{name}.rels"


def resolve(part: str, target: str) -> str:
    """The part a relationship of `part` points to; absolute and relative targets."""
    joined = posixpath.join("/" + posixpath.dirname(part), target)
    return posixpath.normpath(joined).lstrip("/")


def sheet_parts(package: Package) -> dict[str, str]:
    """Sheet name -> part name, in workbook order."""
    rels = rels_of(WORKBOOK)
    if rels not in package:
        raise NotAWorkbook(BROKEN)
    targets = {
        str(rel.get("Id")): resolve(WORKBOOK, str(rel.get("Target", "")))
        for rel in children(parse(package.read(rels)), "Relationship")
    }
    found = {}
    for sheet in children(parse(package.read(WORKBOOK)), "sheet"):
        ids = [str(value) for key, value in sheet.attrib.items() if local(str(key)) == "id"]
        if ids and targets.get(ids[0]) in package:
            found[str(sheet.get("name"))] = targets[ids[0]]
    return found
