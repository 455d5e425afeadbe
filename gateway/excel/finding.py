"""Where the table is: the sheet and the row of its header, and all rows with merged cells filled."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gateway.excel.errors import ColumnsMissing, HeaderMissing
from gateway.excel.header import Schema, columns_of, is_header
from gateway.excel.package import Package
from gateway.excel.workbook import Cell, Row, Sheet, visible_sheets


@dataclass(frozen=True)
class Found:
    """A header: its sheet, its row (from 1), the columns (from 0) it names and what it says."""

    sheet: Sheet
    row: int
    columns: dict[str, int]
    values: Row


def find(package: Package, schema: Schema) -> tuple[Found, list[Found]]:
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


def _header(sheet: Sheet, schema: Schema) -> Found | None:
    """The first header row; a second line right below it counts if it names more columns."""
    merged, found = sheet.merged_down, None
    seen: list[Row] = []
    for number, values in sheet.rows():
        seen.append(values)
        filled = _with_merged(values, number, merged, seen)
        columns = columns_of(schema, filled)
        if is_header(schema, columns) and (not found or len(columns) > len(found.columns)):
            found = Found(sheet, number, columns, filled)
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


def filled_down(found: Found, schema: Schema) -> Iterator[tuple[int, Row]]:
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
