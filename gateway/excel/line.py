"""One row of a table while it is being read: its cells by column name, its errors collected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from gateway.excel.errors import BadCell, CellError
from gateway.excel.extent import column_letters
from gateway.excel.header import Schema
from gateway.excel.rooms import RoomCode, room_from_code, room_from_columns
from gateway.excel.workbook import Cell, Row

Value = TypeVar("Value")


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
