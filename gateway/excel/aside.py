"""Rows of a sheet that are none of the table: blank ones, totals, notes, the header once more."""

import re

from gateway.excel.cells import is_blank, squeezed, text
from gateway.excel.line import Line
from gateway.excel.workbook import Row

_TOTAL = re.compile(r"^.{0,10}(?:合计|总计|小计|共计|累计|汇总)(?:[:(\d].*|户数?|面积|金额)?$")
_NOTE = re.compile(
    r"^\(?(?:注|备注|说明|填表|填报|制表|审核|复核|经办|打印|负责人|联系人|日期|导出|共\d+|第\d+页)"
)
_LONG = 15


def is_aside(line: Line, header: Row) -> bool:
    """Blank but for the building, a total, a note, or the header printed again."""
    down, values = line.schema.down, line.values
    filled = [
        name
        for name, index in line.columns.items()
        if name not in down and values[index] != "" and not is_blank(values[index])
    ]
    return (
        not filled
        or _is_total(line, filled)
        or _is_note(line, filled)
        or _is_header_again(line, header)
    )


def _is_total(line: Line, filled: list[str]) -> bool:
    """The word stands first in the row, or where the room would; without a room, anywhere."""
    first = next(value for value in line.values if not is_blank(value))
    places = ["building", "room"] if "room" in filled else ["building", *filled]
    words = [first, *[line[name] for name in places]]
    likely = [word for word in words if isinstance(word, str) and ("计" in word or "汇" in word)]
    return any(_TOTAL.match(squeezed(word)) for word in likely)


def _is_note(line: Line, filled: list[str]) -> bool:
    """Every word begins like a remark; or one long sentence stands alone, or one without digits."""
    if len(filled) > 3:
        return False
    words = [text(line[name]) for name in filled]
    if all(_NOTE.match(word) for word in words):
        return True
    alone = len(filled) == 1 and isinstance(line[filled[0]], str)
    return alone and (len(words[0]) >= _LONG or (filled[0] == "room" and not _has_digit(words[0])))


def _has_digit(word: str) -> bool:
    return any(map(str.isdigit, word))


def _is_header_again(line: Line, header: Row) -> bool:
    for name, index in line.columns.items():
        if line.values[index] != header[index] and name != "note":
            return False
    return True
