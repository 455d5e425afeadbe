"""Undoing a batch: what is still as it was written goes back; what people touched since is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.imports.model import ImportChange
from domain.imports.writes import ORDER, set_values

EDITED = "导入之后又改过"
USED = "导入之后已被使用（账单、收款或其他记录）"


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the sheet that was not undone, and why."""

    row: int
    reason: str


def take_back(session: Session, batch_id: int, *, at: datetime) -> list[Kept]:
    """Undo every row of a batch that can be undone; the rows that were kept."""
    changes = session.scalars(
        select(ImportChange)
        .where(ImportChange.batch_id == batch_id, ImportChange.undone_at.is_(None))
        .order_by(ImportChange.id.desc())
        .with_for_update()
    ).all()
    edited = _edited(session, batch_id)
    kept = [Kept(change.sheet_row, EDITED) for change in changes if change.id in edited]
    free = [change for change in changes if change.id not in edited]
    kept += _undo(session, free, at=at)
    return sorted(kept, key=lambda row: row.row)


def _undo(session: Session, changes: Sequence[ImportChange], *, at: datetime) -> list[Kept]:
    """All at once; where something is in use, half by half until the rows in use are found."""
    if not changes:
        return []
    try:
        with session.begin_nested():
            _restore(session, [write for change in changes for write in change.writes])
    except IntegrityError:
        if len(changes) == 1:
            return [Kept(changes[0].sheet_row, USED)]
        # Buildings and people that several rows share go with the last of them.
        middle = len(changes) // 2
        return _undo(session, changes[:middle], at=at) + _undo(session, changes[middle:], at=at)
    session.execute(
        update(ImportChange)
        .where(ImportChange.id.in_([change.id for change in changes]))
        .values(undone_at=at)
    )
    return []


def _restore(session: Session, writes: Sequence[dict[str, Any]]) -> None:
    """Children before parents: remove what was inserted, set back what was changed."""
    for table in reversed(ORDER):
        mine = [write for write in writes if write["table"] == table]
        for write in mine:
            if write["before"] is not None:
                set_values(session, table, write["id"], write["before"])
        gone = [write["id"] for write in mine if write["before"] is None]
        if gone:
            session.execute(
                text(f"DELETE FROM {table} WHERE id = ANY(:ids)"), {"ids": gone}
            )


def _edited(session: Session, batch_id: int) -> set[int]:
    """Changes of which some row of ours no longer reads as it was written (or is gone)."""
    found: set[int] = set()
    for table in ORDER:
        rows = session.execute(
            text(
                f"""
                SELECT c.id FROM import_change c
                CROSS JOIN LATERAL jsonb_array_elements(c.writes) w
                LEFT JOIN {table} t ON t.id = (w ->> 'id')::bigint
                WHERE c.batch_id = :batch AND c.undone_at IS NULL AND w ->> 'table' = :table
                  AND (t.id IS NULL OR EXISTS (
                      SELECT FROM jsonb_each_text(w -> 'after') a
                      WHERE a.value IS DISTINCT FROM to_jsonb(t) ->> a.key))
                """
            ),
            {"batch": batch_id, "table": table},
        )
        found.update(int(row[0]) for row in rows)
    return found


