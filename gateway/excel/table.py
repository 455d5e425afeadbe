"""The frame all imports share: find the table, walk its rows, collect every error of every row."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gateway.excel.aside import is_aside
from gateway.excel.cells import text
from gateway.excel.errors import CellError
from gateway.excel.extent import column_letters
from gateway.excel.finding import Found, filled_down, find
from gateway.excel.header import Schema
from gateway.excel.line import Line
from gateway.excel.package import Package
from gateway.excel.workbook import Row

RowType = TypeVar("RowType")

RESULT_HEADING = "导入结果"


@dataclass(frozen=True)
class TableRead(Generic[RowType]):
    """What a workbook says: accepted rows, every refused cell, and the rows left aside.

    `accepted` are the numbers of the accepted rows, in order, whether or not `rows` holds them;
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
    accepted: list[int] = field(default_factory=list)
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


class Table(Generic[RowType]):
    """A table that was found and has yet to be read: nothing can refuse it as a whole any more.

    Iterating reads on and gives the accepted rows, each once and kept nowhere; `read` tells all
    there is to tell of the lines read so far.
    """

    def __init__(
        self,
        read: TableRead[RowType],
        found: Found,
        schema: Schema,
        read_line: Callable[[Line], RowType | None],
    ) -> None:
        self.read = read
        self._found, self._schema, self._read_line = found, schema, read_line
        self._coming = self._rows()

    def __iter__(self) -> Iterator[RowType]:
        return self._coming

    def __next__(self) -> RowType:
        return next(self._coming)

    def lines(self) -> Iterator[Line]:
        """All rows of the sheet as they stand, the header and what is above it among them."""
        return (self.line(number, values) for number, values in self.values())

    def line(self, number: int, values: Row) -> Line:
        """One of them."""
        read = self.read
        return Line(read.sheet, number, self._schema, read.columns, read.headings, values)

    def values(self) -> Iterator[tuple[int, Row]]:
        """The cells of all these rows by row number."""
        return filled_down(self._found, self._schema)

    def is_aside(self, line: Line) -> bool:
        """Whether the line is none of the table's rows."""
        return line.number <= self._found.row or is_aside(line, self._found.values)

    def _rows(self) -> Iterator[RowType]:
        read = self.read
        for line in self.lines():
            if self.is_aside(line):
                read.ignored_rows.append(line.number)
                continue
            row = self._read_line(line)
            if line.errors:
                read.refused.extend(line.errors)
            elif row is not None:
                read.accepted.append(line.number)
                yield row


def open_table(
    data: bytes, file_name: str, schema: Schema, read_line: Callable[[Line], RowType | None]
) -> Table[RowType]:
    """Find the sheet with the best header; a `WorkbookRefused` where the file cannot be taken.

    `read_line` returns None where it noted an error.
    """
    found, others = find(Package(data), schema)
    headings = {name: text(found.values[index]) for name, index in found.columns.items()}
    read: TableRead[RowType] = TableRead(
        file_name,
        found.sheet.name,
        found.row,
        _result_column(found),
        unread_sheets=[other.sheet.name for other in others],
        columns=found.columns,
        headings=headings,
    )
    return Table(read, found, schema, read_line)


def read_table(
    data: bytes, file_name: str, schema: Schema, read_line: Callable[[Line], RowType | None]
) -> TableRead[RowType]:
    """`open_table`, and all of its rows."""
    table = open_table(data, file_name, schema, read_line)
    table.read.rows.extend(table)
    return table.read


def _result_column(found: Found) -> int:
    """That of an earlier import if there is one, else the first beyond everything on the sheet."""
    headings = [text(value) for value in found.values]
    return headings.index(RESULT_HEADING) if RESULT_HEADING in headings else len(headings)
