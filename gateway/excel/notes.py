"""Cell comments: the comments part and the drawing part that gives each of them its box."""

import re
from collections.abc import Iterable, Mapping

from lxml import etree

from gateway.excel.errors import NotAWorkbook
from gateway.excel.extent import cell_position
from gateway.excel.package import BROKEN, children, parse, serialise, set_attributes

AUTHOR = "导入检查"
_MARK = f"【{AUTHOR}】"
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SHAPE = re.compile(rb"<((?:[\w.-]+:)?)shape\s.*?</\1shape\s*>", re.DOTALL)
_PLACE = re.compile(rb"Row\s*>\s*(\d+)\s*<.*?Column\s*>\s*(\d+)\s*<", re.DOTALL)
_IDS = re.compile(rb"(<(?:[\w.-]+:)?idmap\b[^>]*?\sdata\s*=\s*[\"'])([^\"']*)")
_BLOCK = 1024  # shape numbers a drawing may use per id in its map

_NAMESPACES = {
    b"v": b"urn:schemas-microsoft-com:vml",
    b"o": b"urn:schemas-microsoft-com:office:office",
    b"x": b"urn:schemas-microsoft-com:office:excel",
}
_SHAPE_TYPE = (
    b'<v:shapetype id="_x0000_t202" coordsize="21600,21600" o:spt="202" '
    b'path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
EMPTY_DRAWING = (
    b"<xml "
    + b" ".join(b'xmlns:%b="%b"' % pair for pair in _NAMESPACES.items())
    + b'><o:shapelayout v:ext="edit"><o:idmap v:ext="edit" data=""/></o:shapelayout></xml>'
)


def empty_comments(namespace: str) -> bytes:
    """A comments part without comments, for a sheet of this namespace."""
    return f'<comments xmlns="{namespace}"><authors/><commentList/></comments>'.encode()


def with_comments(content: bytes, sentences: Mapping[str, str]) -> tuple[bytes, set[str]]:
    """The comments part with a comment per cell, and the cells whose old comment of ours is gone.

    Comments of other people stay; ours is appended to theirs where both are about one cell.
    """
    root = parse(content)
    gone = _without_ours(root)
    existing = {str(comment.get("ref")): comment for comment in root.iter("{*}comment")}
    author = _author(root)
    listing = _only(root, "commentList")
    for reference, sentence in sentences.items():
        if reference in existing:
            _append(existing[reference], sentence)
        else:
            comment = etree.SubElement(listing, _tag(root, "comment"))
            set_attributes(comment, ref=reference, authorId=author, shapeId="0")
            body = etree.SubElement(comment, _tag(root, "text"))
            _text(etree.SubElement(body, _tag(root, "t")), sentence)
    return serialise(root), gone - sentences.keys()


def _without_ours(root: etree._Element) -> set[str]:
    """Drop what an earlier import wrote; returns the cells that have no comment left."""
    names = [str(author.text) for author in root.iter("{*}author")]
    ours = {str(index) for index, name in enumerate(names) if name == AUTHOR}
    gone = set()
    for comment in list(root.iter("{*}comment")):
        if comment.get("authorId") in ours:
            gone.add(str(comment.get("ref")))
            _remove(comment)
            continue
        for run in list(comment.iter("{*}r")):
            if "".join(map(str, run.itertext())).lstrip("\n").startswith(_MARK):
                _remove(run)
    return gone


def _only(root: etree._Element, name: str) -> etree._Element:
    found = next(children(root, name), None)
    if found is None:
        raise NotAWorkbook(BROKEN)
    return found


def _remove(element: etree._Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _author(root: etree._Element) -> str:
    authors = _only(root, "authors")
    names = [str(author.text) for author in authors]
    if AUTHOR not in names:
        etree.SubElement(authors, _tag(root, "author")).text = AUTHOR
        names.append(AUTHOR)
    return str(names.index(AUTHOR))


def _append(comment: etree._Element, sentence: str) -> None:
    """Plain text becomes a run first: runs may not follow it in every program."""
    body = _only(comment, "text")
    for plain in list(body.iterchildren("{*}t")):
        run = etree.Element(_tag(comment, "r"))
        body.replace(plain, run)
        run.append(plain)
    run = etree.SubElement(body, _tag(comment, "r"))
    _text(etree.SubElement(run, _tag(comment, "t")), f"\n{_MARK}{sentence}")


def _text(element: etree._Element, sentence: str) -> None:
    element.set(_SPACE, "preserve")
    element.text = sentence


def _tag(root: etree._Element, name: str) -> str:
    return f"{{{etree.QName(root).namespace}}}{name}"


def with_boxes(content: bytes, cells: Iterable[str], gone: set[str], first_block: int) -> bytes:
    """The drawing with a hidden box per cell that has none, and without those of `gone`.

    `first_block` is the first id no drawing of the workbook uses.
    """
    content = _SHAPE.sub(
        lambda found: b"" if _place(found[0]) in _places(gone) else found[0], content
    )
    taken = {_place(found[0]) for found in _SHAPE.finditer(content)}
    wanted = sorted(_places(set(cells)) - taken)
    if not wanted:
        return content
    blocks = range(first_block, first_block + (len(wanted) - 1) // (_BLOCK - 1) + 1)
    content = _declared(content, blocks)
    numbers = (block * _BLOCK + offset for block in blocks for offset in range(1, _BLOCK))
    boxes = b"".join(_box(number, *place) for number, place in zip(numbers, wanted, strict=False))
    if b'id="_x0000_t202"' not in content:
        boxes = _SHAPE_TYPE + boxes
    end = content.rindex(b"</")
    return content[:end] + boxes + content[end:]


def used_blocks(content: bytes) -> set[int]:
    """Ids in the map of a drawing."""
    found = _IDS.search(content)
    return {int(word) for word in re.findall(rb"\d+", found[2])} if found else set()


def _declared(content: bytes, blocks: range) -> bytes:
    """The drawing's root with our prefixes and its id map with our ids."""
    start = content.find(b"<xml") + 4
    root_end = content.find(b">", start)
    if start < 4 or root_end < 0:
        raise NotAWorkbook(BROKEN)
    for prefix, uri in _NAMESPACES.items():
        if b"xmlns:%b=" % prefix not in content[start:root_end]:
            content = content[:start] + b' xmlns:%b="%b"' % (prefix, uri) + content[start:]
            root_end = content.index(b">", start)
    ids = ",".join(map(str, blocks)).encode()
    return _IDS.sub(lambda m: m[1] + (m[2] + b"," if m[2] else b"") + ids, content, count=1)


def _places(cells: set[str]) -> set[tuple[int, int]]:
    return {at for at in map(cell_position, cells) if at}


def _place(shape: bytes) -> tuple[int, int] | None:
    found = _PLACE.search(shape)
    return (int(found[1]) + 1, int(found[2]) + 1) if found else None


def _box(number: int, row: int, column: int) -> bytes:
    top = max(row - 2, 0)
    anchor = f"{column}, 15, {top}, 10, {column + 3}, 15, {top + 4}, 4"
    return (
        f'<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;'
        'margin-left:60pt;margin-top:1.5pt;width:180pt;height:60pt;z-index:1;visibility:hidden" '
        'fillcolor="#ffffe1" o:insetmode="auto"><v:fill color2="#ffffe1"/>'
        '<v:shadow color="black" obscured="t"/><v:path o:connecttype="none"/>'
        '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
        '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
        f"<x:Anchor>{anchor}</x:Anchor><x:AutoFill>False</x:AutoFill>"
        f"<x:Row>{row - 1}</x:Row><x:Column>{column - 1}</x:Column></x:ClientData></v:shape>"
    ).encode()
