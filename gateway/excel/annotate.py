"""The uploaded workbook back, with a comment on every refused cell and a result column.

Parts are patched in place (a 20,000-row workbook takes well under a second), so formats, pictures,
other sheets, hidden rows and everything we do not know stay as they were.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from gateway.excel.errors import CellError
from gateway.excel.extent import column_letters
from gateway.excel.notes import (
    EMPTY_DRAWING,
    empty_comments,
    used_blocks,
    with_boxes,
    with_comments,
)
from gateway.excel.package import (
    CONTENT_TYPES,
    WORKBOOK,
    Package,
    children,
    parse,
    rels_of,
    resolve,
    serialise,
    set_attributes,
    sheet_parts,
)
from gateway.excel.sheet_rows import Column, with_column
from gateway.excel.shell import Shell, red_style
from gateway.excel.table import RESULT_HEADING, TableRead

ACCEPTED = "通过"
REFUSED = "不通过："
_PACKAGE_RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
_COMMENTS_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.vmlDrawing"


def annotate(data: bytes, read: TableRead[Any], results: Mapping[int, str] | None = None) -> bytes:
    """A copy of the workbook `read` came from, with comments and the column 导入结果.

    `results` are words by row number (新增, 变更, 无变化); an accepted row without one says 通过,
    a refused row says why. Annotating an annotated copy replaces what the first time wrote.
    """
    package = Package(data)
    part = sheet_parts(package)[read.sheet]
    return package.rewritten(_Copy(package, part).changed(read, results or {}))


def texts_of(read: TableRead[Any], results: Mapping[int, str]) -> dict[int, str]:
    """What the result column says, by row number."""
    texts = {read.header_row: RESULT_HEADING}
    texts |= {row: results.get(row, ACCEPTED) for row in read.accepted}
    reasons: dict[int, list[str]] = defaultdict(list)
    for error in read.refused:
        reasons[error.row].append(error.message)
    return texts | {row: REFUSED + "；".join(dict.fromkeys(r)) for row, r in reasons.items()}


class _Copy:
    """The parts of one workbook that change while its sheet `part` is annotated."""

    def __init__(self, package: Package, part: str) -> None:
        self.package, self.part = package, part
        self.shell = Shell(package.read(part))
        self.parts: dict[str, bytes] = {}
        self.types = parse(package.read(CONTENT_TYPES))
        rels = rels_of(part)
        self.rels = (
            parse(package.read(rels))
            if rels in package
            else parse(b'<Relationships xmlns="%b"/>' % _PACKAGE_RELS.encode())
        )

    def changed(self, read: TableRead[Any], results: Mapping[int, str]) -> dict[str, bytes]:
        texts = texts_of(read, results)
        self.shell.widen(read.result_column)
        self._paint(read)
        self._comment(_sentences(read.refused))
        column = Column(read.result_column, texts, read.header_row, self.shell.prefix)
        self.parts[self.part] = self.shell.joined(with_column(self.shell.body, column))
        return self.parts

    def _paint(self, read: TableRead[Any]) -> None:
        """Red by a conditional format: no cell's own format is touched, and it can be taken back."""
        style = self.shell.drop_marks()
        styles = self._workbook_part("styles")
        if not read.refused or (style is None and styles is None):
            return
        if style is None and styles is not None:
            root = parse(self.package.read(styles))
            style = red_style(root)
            self.parts[styles] = serialise(root)
        letters = column_letters(read.result_column + 1)
        cells = [error.cell for error in read.refused]
        self.shell.mark([*cells, *(f"{letters}{row}" for row in read.refused_rows)], str(style))

    def _comment(self, sentences: Mapping[str, str]) -> None:
        comments = self._related("comments")
        if not sentences and comments is None:
            return
        old = self.package.read(comments) if comments else empty_comments(self.shell.namespace)
        new, gone = with_comments(old, sentences)
        if comments is None:
            comments = self._new_part("xl/comments{}.xml")
            self._relate("comments", comments)
            self._type("Override", "PartName", f"/{comments}", _COMMENTS_TYPE)
        self.parts[comments] = new
        self._draw(sentences, gone)

    def _draw(self, sentences: Mapping[str, str], gone: set[str]) -> None:
        drawing = self._target(self.shell.drawing_id)
        old = self.package.read(drawing) if drawing else EMPTY_DRAWING
        if drawing is None:
            drawing = self._new_part("xl/drawings/vmlDrawing{}.vml")
            self.shell.drawing_id = self._relate("vmlDrawing", drawing)
            self._type("Default", "Extension", "vml", _DRAWING_TYPE)
        names = [name for name in self.package.names if name.lower().endswith(".vml")]
        used = set().union(*(used_blocks(self.package.read(name)) for name in names))
        self.parts[drawing] = with_boxes(old, sentences, gone, max(used, default=0) + 1)

    def _related(self, kind: str) -> str | None:
        """The part of this kind that the sheet points to."""
        for rel in self.rels:
            if str(rel.get("Type", "")).endswith(f"/{kind}"):
                return self._existing(rel)
        return None

    def _target(self, identifier: str | None) -> str | None:
        for rel in self.rels:
            if identifier and rel.get("Id") == identifier:
                return self._existing(rel)
        return None

    def _existing(self, rel: etree._Element) -> str | None:
        part = resolve(self.part, str(rel.get("Target", "")))
        return part if part in self.package else None

    def _workbook_part(self, kind: str) -> str | None:
        for rel in children(parse(self.package.read(rels_of(WORKBOOK))), "Relationship"):
            part = resolve(WORKBOOK, str(rel.get("Target", "")))
            if str(rel.get("Type", "")).endswith(f"/{kind}") and part in self.package:
                return part
        return None

    def _new_part(self, pattern: str) -> str:
        taken = {name.lower() for name in self.package.names}
        return next(
            name
            for n in range(1, len(taken) + 2)
            if (name := pattern.format(n)).lower() not in taken
        )

    def _relate(self, kind: str, part: str) -> str:
        taken = {rel.get("Id") for rel in self.rels}
        identifier = next(f"rId{n}" for n in range(1, len(taken) + 2) if f"rId{n}" not in taken)
        rel = etree.SubElement(self.rels, f"{{{_PACKAGE_RELS}}}Relationship")
        set_attributes(rel, Id=identifier, Type=f"{self.shell.relations}/{kind}", Target=f"/{part}")
        self.parts[rels_of(self.part)] = serialise(self.rels)
        return identifier

    def _type(self, tag: str, key: str, value: str, content_type: str) -> None:
        known = {str(child.get(key, "")).lower() for child in children(self.types, tag)}
        if value.lower() not in known:
            child = etree.Element(f"{{{etree.QName(self.types).namespace}}}{tag}")
            set_attributes(child, **{key: value, "ContentType": content_type})
            self.types.insert(0 if tag == "Default" else len(self.types), child)
            self.parts[CONTENT_TYPES] = serialise(self.types)


def _sentences(refused: Sequence[CellError]) -> dict[str, str]:
    """One comment per cell, however many errors it has."""
    found: dict[str, list[str]] = defaultdict(list)
    for error in refused:
        found[error.cell].append(error.message)
    return {cell: "\n".join(dict.fromkeys(messages)) for cell, messages in found.items()}
