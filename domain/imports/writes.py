"""What an import writes, as data: planned first, shown as a difference, then written as a set."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.bulk import copy_in

# Parents before children; undoing goes the other way.
ORDER = (
    "building", "room", "room_area", "person", "occupancy", "consent",
    "meter", "meter_reading", "room_charge",
)  # fmt: skip


class Difference(StrEnum):
    """What a row would do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICTING = "conflicting"


@dataclass(frozen=True, slots=True)
class Write:
    """One row of ours to insert (`before` None) or to change; values as PostgreSQL texts."""

    table: str
    id: int
    before: dict[str, str | None] | None
    after: dict[str, str | None]


@dataclass(slots=True)
class RowPlan:
    """One row of the sheet: what it does and why; `writes` is empty unless new or changed."""

    row: int
    difference: Difference
    writes: list[Write] = field(default_factory=list)
    column: str | None = None
    code: str | None = None
    sentence: str | None = None


def write_all(session: Session, batch_id: int, plans: Sequence[RowPlan]) -> None:
    """Write every plan, with the record that undoes it. Same order for everyone: no deadlocks."""
    inserts: dict[str, list[dict[str, str | None]]] = defaultdict(list)
    changes: dict[str, list[Write]] = defaultdict(list)
    for write in (write for plan in plans for write in plan.writes):
        if write.before is None:
            inserts[write.table].append({"id": str(write.id), **write.after})
        else:
            changes[write.table].append(write)
    session.flush()
    for table in ORDER:
        for columns in _same_columns(inserts[table]):
            copy_in(session, table, columns)
        for write in changes[table]:
            set_values(session, table, write.id, write.after)
    copy_in(
        session,
        "import_change",
        [
            {
                "batch_id": str(batch_id),
                "sheet_row": str(plan.row),
                "writes": json.dumps([asdict(write) for write in plan.writes], ensure_ascii=False),
            }
            for plan in plans
            if plan.writes
        ],
    )


def set_values(session: Session, table: str, row_id: int, values: dict[str, Any]) -> None:
    """Set columns of one row from PostgreSQL texts."""
    row = f"jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
    sets = ", ".join(f'"{name}" = new."{name}"' for name in values)
    session.execute(
        text(f"UPDATE {table} t SET {sets} FROM {row} new WHERE t.id = :id"),
        {"row": json.dumps(values), "id": row_id},
    )


def _same_columns(
    rows: list[dict[str, str | None]],
) -> Iterable[list[dict[str, str | None]]]:
    groups: dict[tuple[str, ...], list[dict[str, str | None]]] = defaultdict(list)
    for row in rows:
        groups[tuple(row)].append(row)
    return groups.values()
