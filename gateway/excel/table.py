"""The frame all imports share: find the table, walk its rows, collect every error of every row."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.excel.cells import is_blank, squeezed, text
from gateway.excel.errors import BadCell, CellError, ColumnsMissing, HeaderMissing
from gateway.excel.extent import column_letters
from gateway.excel.header import Schema, columns_of, is_header
from gateway.excel.package import Package
from gateway.excel.rooms import RoomCode, room_from_code, room_from_columns
from gateway.excel.workbook import Cell, Row, Sheet, visible_sheets

RowType = TypeVar("RowType")
Value = TypeVar("Value")

RESULT_HEADING = "导入结果"

_TOTAL = re.compile(r"^.{0,10}(?:合计|总计|小计|共计|累计|汇总)(?:[:(\d].*|户数?|面积|金额)?$")
_NOTE = re.compile(
    r"^\(?(?:注|备注|说明|填表|填报|制表|审核|复核|经办|打印|负责人|联系人|日期|导出|共\d+|第\d+页)"
)
_LONG = 15


@dataclass(frozen=True)
class TableRead(Generic[RowType]):
    """What a workbook says: accepted rows, every refused cell, and the rows left aside.

    `ignored_rows` are rows above the table, its header, blank rows, totals and notes;
    `result_column` (from 0) is where 导入结果 stands or may stand without covering anything;
    `unread_sheets` have such a table too, but only one sheet is read at a time. `columns` (from 0)
    and `headings` by column name let later checks point at a cell.
    """

    file_name: str
    sheet: str
    header_row: int
    result_column: int
    rows: list[RowType] = field(default_factory=list)
    refused: list[CellError] = field(default_factory=list)
    ignored_rows: list[int] = field(default_factory=list)
    unread_sheets: list[str] = field(default_factory=list)
    columns: Mapping[str, int] = field(default_factory=dict)
    headings: Mapping[str, str] = field(default_factory=dict)

    def error_at(self, row: int, name: str, code: str, message: str) -> CellError:
        """A refusal found after reading, at the cell of this column (else at the room's)."""
        at = name if name in self.columns else "room"
        letters = column_letters(self.columns.get(at, 0) + 1)
        return CellError(self.sheet, row, letters, self.headings.get(at, ""), code, message)

    @property
    def refused_rows(self) -> set[int]:
        """Row numbers with at least one refused cell."""
        return {error.row for error in self.refused}


@dataclass(slots=True)
class Line:
    """One row of the table while it is being read: values by column name, errors collected."""

    sheet: str
    number: int
    schema: Schema
    columns: Mapping[str, int]
    headings: Mapping[str, str]
    values: Row
    errors: list[CellError] = field(default_factory=list)

    def __getitem__(self, name: str) -> Cell:
        index = self.columns.get(name)
        return "" if index is None else self.values[index]

    def take(self, name: str, parse: Callable[[Cell], Value]) -> Value | None:
        """The parsed cell, or None with the refusal noted."""
        try:
            return parse(self[name])
        except BadCell as bad:
            self.refuse(name, bad)
            return None

    def refuse(self, name: str, bad: BadCell) -> None:
        """Note a refusal at the cell it is about."""
        at = str(bad.facts.get("field", name))
        column = self.columns.get(at, 0)
        self.errors.append(
            CellError(
                self.sheet,
                self.number,
                column_letters(column + 1),
                self.headings.get(at, ""),
                bad.code,
                bad.message,
            )
        )

    def room(self) -> RoomCode | None:
        """Where the row's room is, from one column or three."""
        if "building" not in self.columns:
            return self.take("room", room_from_code)
        building, entrance = self["building"], self["entrance"]
        return self.take("room", lambda door: room_from_columns(building, entrance, door))


@dataclass(frozen=True)
class _Found:
    sheet: Sheet
    row: int
    columns: dict[str, int]
    values: Row


def read_table(
    data: bytes, file_name: str, schema: Schema, read_line: Callable[[Line], RowType | None]
) -> TableRead[RowType]:
    """Read the sheet with the best header. `read_line` returns None where it noted an error."""
    found, others = _find(Package(data), schema)
    headings = {name: text(found.values[index]) for name, index in found.columns.items()}
    result: TableRead[RowType] = TableRead(
        file_name,
        found.sheet.name,
        found.row,
        _result_column(found),
        unread_sheets=[other.sheet.name for other in others],
        columns=found.columns,
        headings=headings,
    )
    for number, values in _filled_down(found, schema):
        line = Line(found.sheet.name, number, schema, found.columns, headings, values)
        if number <= found.row or _is_ignored(line, found):
            result.ignored_rows.append(number)
            continue
        row = read_line(line)
        if line.errors:
            result.refused.extend(line.errors)
        elif row is not None:
            result.rows.append(row)
    return result


def _result_column(found: _Found) -> int:
    """That of an earlier import if there is one, else the first beyond everything on the sheet."""
    headings = [text(value) for value in found.values]
    return headings.index(RESULT_HEADING) if RESULT_HEADING in headings else len(headings)


def _find(package: Package, schema: Schema) -> tuple[_Found, list[_Found]]:
    """The sheet whose header says most, the first among equals; and the others that have one."""
    tables = [found for sheet in visible_sheets(package) if (found := _header(sheet, schema))]
    if not tables:
        raise HeaderMissing(
            f"没有找到{schema.title}的表头，表头里应有：{'、'.join(schema.missing({}))}"
        )
    best = max(tables, key=lambda found: len(found.columns))
    if missing := schema.missing(best.columns):
        raise ColumnsMissing(f"表头里没有找到：{'、'.join(missing)}，请补上这一列")
    return best, [found for found in tables if found is not best]


def _header(sheet: Sheet, schema: Schema) -> _Found | None:
    """The first header row; a second line right below it counts if it names more columns."""
    merged, found = sheet.merged_down, None
    seen: list[Row] = []
    for number, values in sheet.rows():
        seen.append(values)
        filled = _with_merged(values, number, merged, seen)
        columns = columns_of(schema, filled)
        if is_header(schema, columns) and (not found or len(columns) > len(found.columns)):
            found = _Found(sheet, number, columns, filled)
        elif found:
            break
    return found


def _with_merged(
    values: Row, number: int, merged: Mapping[tuple[int, int], tuple[int, int]], above: list[Row]
) -> Row:
    if not merged:
        return values
    filled = list(values)
    for index, value in enumerate(values):
        origin = merged.get((number, index)) if value == "" else None
        if origin:
            filled[index] = above[origin[0] - 1][origin[1]]
    return filled


def _filled_down(found: _Found, schema: Schema) -> Iterator[tuple[int, Row]]:
    """All rows; building and entrance cells merged downwards speak for every row they span."""
    merged = found.sheet.merged_down
    indexes = [found.columns[name] for name in schema.down if name in found.columns]
    origins: dict[tuple[int, int], Cell] = {}
    heads = {merged[key] for key in merged if key[1] in indexes}
    for number, values in found.sheet.rows():
        for index in indexes if heads else ():
            if (number, index) in heads:
                origins[number, index] = values[index]
            elif values[index] == "" and (number, index) in merged:
                values[index] = origins.get(merged[number, index], "")
        yield number, values


def _is_ignored(line: Line, found: _Found) -> bool:
    """Blank but for the building, a total, a note, or the header printed again."""
    down = line.schema.down
    filled = [
        name
        for name, index in line.columns.items()
        if name not in down and not is_blank(line.values[index])
    ]
    return (
        not filled
        or _is_total(line, filled)
        or _is_note(line, filled)
        or _is_header_again(line, found)
    )


def _is_total(line: Line, filled: list[str]) -> bool:
    """The word stands first in the row, or where the room would; without a room, anywhere."""
    first = next(value for value in line.values if not is_blank(value))
    places = ["building", "room"] if "room" in filled else ["building", *filled]
    words = [first, *(line[name] for name in places)]
    return any(
        isinstance(word, str) and ("计" in word or "汇" in word) and _TOTAL.match(squeezed(word))
        for word in words
    )


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


def _is_header_again(line: Line, found: _Found) -> bool:
    names = line.columns.items()
    return all(line.values[index] == found.values[index] for name, index in names if name != "note")
