"""What an import would write, as data: planned first, shown as a difference, written as a set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from domain.bulk import texts

ORDER = (
    "building", "room", "room_area", "person", "occupancy", "consent",
    "meter", "meter_reading", "room_charge",
)  # fmt: skip
"""Parents before children; undoing goes the other way."""

DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "room_area": {"share_weight": "1.0000"},
    "person": {"kind": "natural"},
    "meter": {"multiplier": "1.0000", "digits": "6"},
}
"""Columns the database would fill are named too: what was written is known to the last column."""


class Difference(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"
    REFUSED = "refused"


class Write(NamedTuple):
    """A row to insert (`before` None), or columns to set; values as PostgreSQL texts.

    `before` holds what the plan has seen; the writer refuses if the row has moved since, and
    completes it with the earlier values of every column it sets.
    """

    table: str
    id: int
    before: Mapping[str, str | None] | None
    after: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class RowPlan:
    """One row of the sheet: what it does and why; only a new or changed one has writes.

    `column` names the column a conflict or refusal is about, as the workbook's schema does.
    """

    row: int
    difference: Difference
    writes: Sequence[Write] = ()
    column: str | None = None
    code: str | None = None
    sentence: str | None = None
    notes: Sequence[str] = ()


class Stop(Exception):
    """A row that cannot be taken, found while it is planned; nothing of it has been planned yet."""

    def __init__(self, difference: Difference, column: str, code: str, sentence: str) -> None:
        super().__init__(code)
        self.difference, self.column, self.code, self.sentence = difference, column, code, sentence

    def plan(self, row: int) -> RowPlan:
        """The plan of the row it stopped."""
        return RowPlan(
            row, self.difference, column=self.column, code=self.code, sentence=self.sentence
        )


def refuse(column: str, code: str, sentence: str) -> Stop:
    """The cell cannot be taken as it is typed."""
    return Stop(Difference.REFUSED, column, code, sentence)


def conflict(column: str, code: str, sentence: str) -> Stop:
    """The row contradicts what is stored: a person has to decide."""
    return Stop(Difference.CONFLICTING, column, code, sentence)


def insert(table: str, row_id: int, **values: Any) -> Write:
    """A new row."""
    after = texts(table, values)
    return Write(table, row_id, None, {**DEFAULTS[table], **after} if table in DEFAULTS else after)


def change(table: str, row_id: int, before: Mapping[str, Any], after: Mapping[str, Any]) -> Write:
    """New values for some columns of a row."""
    return Write(table, row_id, texts(table, before), texts(table, after))


def outcome(
    row: int, writes: Sequence[Write], told: Sequence[str], notes: Sequence[str] = ()
) -> RowPlan:
    """Changed as `told`, or unchanged where there is nothing to write."""
    if not writes:
        return RowPlan(row, Difference.UNCHANGED, notes=notes)
    return RowPlan(row, Difference.CHANGED, writes, sentence="、".join(told), notes=notes)
