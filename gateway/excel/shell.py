"""A sheet's XML without its rows: width of the result column, red cells, the link to its notes."""

import re
from collections.abc import Iterable
from copy import deepcopy
from itertools import groupby

from lxml import etree

from gateway.excel.errors import NotAWorkbook
from gateway.excel.extent import cell_position, column_letters
from gateway.excel.package import BROKEN, local, parse, serialise, set_attributes, whole

_ORDER = (
    "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection "
    "protectedRanges scenarios autoFilter sortState dataConsolidate customSheetViews mergeCells "
    "phoneticPr conditionalFormatting dataValidations hyperlinks printOptions pageMargins pageSetup "
    "headerFooter rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing "
    "legacyDrawing legacyDrawingHF drawingHF picture oleObjects controls webPublishItems tableParts "
    "extLst"
)
_RANK = {name: rank for rank, name in enumerate(_ORDER.split())}
_STYLE_ORDER = (
    "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors extLst"
)
_STYLE_RANK = {name: rank for rank, name in enumerate(_STYLE_ORDER.split())}
_ROWS = re.compile(
    rb"<((?:[\w.-]+:)?)sheetData(?:\s[^>]*)?(?:/>|>(.*)</(?:[\w.-]+:)?sheetData\s*>)", re.DOTALL
)
_HOLE = re.compile(rb"<(?:[\w.-]+:)?sheetData[^>]*/>")
_OURS = 'LEN("导入检查")>0'  # always true; tells our rule from theirs when the copy comes back
_CHUNK = 200  # references per rule: Excel limits how long one list may be
_WIDTH = "36"


class Shell:
    """The sheet cut into `prefix` and `body` (its rows) and `root` (everything else)."""

    def __init__(self, content: bytes) -> None:
        content = _plain(content)
        found = _ROWS.search(content)
        if found is None:
            raise NotAWorkbook(BROKEN)
        self.prefix, self.body = found[1], found[2] or b""
        hole = b"<%bsheetData/>" % self.prefix
        self.root = parse(content[: found.start()] + hole + content[found.end() :])

    def joined(self, body: bytes) -> bytes:
        """The sheet with these rows."""
        before, hole, after = _halves(serialise(self.root))
        opening = hole[:-2].rstrip() + b">"
        return b"".join((before, opening, body, b"</%bsheetData>" % self.prefix, after))

    def widen(self, index: int) -> None:
        """Let the sheet reach the column, and give it room for a sentence."""
        dimension = self._child("dimension")
        if dimension is not None:
            dimension.set("ref", _reaching(dimension.get("ref", ""), index + 1))
        columns = self._child("cols")
        if columns is None:
            columns = self._insert("cols")
        _set_width(columns, index + 1)

    def drop_marks(self) -> str | None:
        """Remove red cells of an earlier import; returns the number of the format they used."""
        style = None
        for block in list(self.root.iterchildren("{*}conditionalFormatting")):
            for rule in block.iterchildren("{*}cfRule"):
                if "".join(map(str, rule.itertext())).strip() == _OURS:
                    style = rule.get("dxfId")
                    block.remove(rule)
            if len(block) == 0:
                self.root.remove(block)
        return style

    def mark(self, references: Iterable[str], style: str) -> None:
        """Show these cells in the differential format `style`."""
        rules = self.root.iterchildren("{*}conditionalFormatting")
        used = [whole(rule, "priority") for block in rules for rule in block if rule.get("type")]
        priority = max(used, default=0)
        ranges = _ranges(references)
        for start in range(0, len(ranges), _CHUNK):
            priority += 1
            block = self._insert("conditionalFormatting")
            block.set("sqref", " ".join(ranges[start : start + _CHUNK]))
            rule = etree.SubElement(block, self._name("cfRule"))
            set_attributes(rule, type="expression", dxfId=style, priority=str(priority))
            etree.SubElement(rule, self._name("formula")).text = _OURS

    @property
    def namespace(self) -> str:
        """That of the spreadsheet language in this workbook: transitional or strict."""
        return str(etree.QName(self.root).namespace)

    @property
    def relations(self) -> str:
        """The namespace of r:id in this sheet (strict workbooks have another)."""
        strict = "purl.oclc.org" in self.namespace
        base = "purl.oclc.org/ooxml" if strict else "schemas.openxmlformats.org"
        return f"http://{base}/officeDocument{'' if strict else '/2006'}/relationships"

    @property
    def drawing_id(self) -> str | None:
        """Relationship id of the drawing that holds the notes' boxes."""
        drawing = self._child("legacyDrawing")
        return None if drawing is None else drawing.get(f"{{{self.relations}}}id")

    @drawing_id.setter
    def drawing_id(self, identifier: str) -> None:
        self._insert("legacyDrawing").set(f"{{{self.relations}}}id", identifier)

    def _name(self, name: str) -> str:
        return f"{{{self.namespace}}}{name}"

    def _child(self, name: str) -> etree._Element | None:
        return self.root.find(self._name(name))

    def _insert(self, name: str) -> etree._Element:
        """A new child where the schema wants it; elsewhere Excel calls the file damaged."""
        return insert_ordered(self.root, self._name(name), _RANK)


def insert_ordered(root: etree._Element, tag: str, ranks: dict[str, int]) -> etree._Element:
    """A new child after the last one that may stand before it."""
    rank, at = ranks[local(tag)], 0
    for index, child in enumerate(root, 1):
        if ranks.get(local(str(child.tag)), len(ranks)) <= rank:
            at = index
    child = etree.Element(tag)
    root.insert(at, child)
    return child


def red_style(styles: etree._Element) -> str:
    """Append a light red differential format; returns its number."""
    namespace = etree.QName(styles).namespace
    formats = styles.find(f"{{{namespace}}}dxfs")
    if formats is None:
        formats = insert_ordered(styles, f"{{{namespace}}}dxfs", _STYLE_RANK)
    pattern = formats
    for name in ("dxf", "fill", "patternFill"):
        pattern = etree.SubElement(pattern, f"{{{namespace}}}{name}")
    etree.SubElement(pattern, f"{{{namespace}}}bgColor").set("rgb", "FFFFC7CE")
    formats.set("count", str(len(formats)))
    return str(len(formats) - 1)


def _plain(content: bytes) -> bytes:
    """UTF-8 without comments and CDATA, which the row cutter does not know."""
    declared = re.match(
        rb"""\s*<\?xml[^>]*encoding\s*=\s*["']([^"']+)""", content.lstrip(b"\xef\xbb\xbf")
    )
    if b"<!" not in content and (not declared or declared[1].lower() == b"utf-8"):
        return content
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=True,
        strip_cdata=True,
        remove_comments=True,
    )
    return serialise(etree.fromstring(content, parser))


def _halves(content: bytes) -> tuple[bytes, bytes, bytes]:
    found = _HOLE.search(content)
    if found is None:
        raise NotAWorkbook(BROKEN)
    return content[: found.start()], found[0], content[found.end() :]


def _reaching(reference: str, column: int) -> str:
    first, _, last = reference.partition(":")
    end = cell_position(last or first)
    if end is None or end[1] >= column:
        return reference
    return f"{first}:{column_letters(column)}{end[0]}"


def _set_width(columns: etree._Element, number: int) -> None:
    """Cut the number out of any range that holds it; a width the user set for it alone stays."""
    before = 0
    for index, element in enumerate(list(columns)):
        first, last = whole(element, "min", 1), whole(element, "max", 1)
        if first == last == number:
            return
        if first <= number <= last:
            _cut(columns, element, number)
            return
        if last < number:
            before = index + 1
    columns.insert(before, _width(columns, number))


def _cut(columns: etree._Element, element: etree._Element, number: int) -> None:
    first, last = whole(element, "min", 1), whole(element, "max", 1)
    at = columns.index(element)
    columns.remove(element)
    for start, end in ((number + 1, last), (number, number), (first, number - 1)):
        if start > end:
            continue
        piece = _width(columns, number) if start == number else deepcopy(element)
        set_attributes(piece, min=str(start), max=str(end))
        columns.insert(at, piece)


def _width(columns: etree._Element, number: int) -> etree._Element:
    element = etree.Element(f"{{{etree.QName(columns).namespace}}}col")
    set_attributes(element, min=str(number), max=str(number), width=_WIDTH, customWidth="1")
    return element


def _ranges(references: Iterable[str]) -> list[str]:
    """`E5 E6 E7 F9` -> `E5:E7 F9`."""
    cells = sorted({(at[1], at[0]) for at in map(cell_position, references) if at})
    ranges = []
    for _, run in groupby(enumerate(cells), lambda item: (item[1][0], item[1][1] - item[0])):
        members = [cell for _, cell in run]
        (column, top), (_, bottom) = members[0], members[-1]
        letters = column_letters(column)
        ranges.append(f"{letters}{top}" + (f":{letters}{bottom}" if bottom > top else ""))
    return ranges
