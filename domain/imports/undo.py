"""Undoing a batch: what is still as it was written goes back; what people touched since is kept."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.base import written
from domain.bulk import set_in
from domain.imports.in_use import RULES
from domain.imports.writes import ORDER
from domain.models import metadata

EDITED = "导入之后又改过"
USED = "导入之后已被使用（账单、收款或其他记录）"
SHARED = ("building", "person", "meter")
"""What several rows of a sheet may stand on: it goes when nothing stands on it any more."""

_UNDOING = """
    CREATE TEMP TABLE undoing ON COMMIT DROP AS
    SELECT c.id AS change_id, c.sheet_row, w ->> 'table' AS "table", (w ->> 'id')::bigint AS id,
           NULLIF(w -> 'before', 'null'::jsonb) AS before, w -> 'after' AS after,
           w -> 'after' AS stands
      FROM import_change c CROSS JOIN LATERAL jsonb_array_elements(c.writes) w
     WHERE c.batch_id = :batch AND c.undone_at IS NULL"""
# A later row of the sheet may have added to what an earlier one wrote.
_MERGED = """
    UPDATE undoing u SET stands = m.merged
      FROM (SELECT s."table", s.id, jsonb_object_agg(e.key, e.value ORDER BY s.change_id) AS merged
              FROM undoing s CROSS JOIN LATERAL jsonb_each(s.after) e
             WHERE (s."table", s.id) IN (SELECT "table", id FROM undoing
                                          GROUP BY "table", id HAVING count(*) > 1)
             GROUP BY s."table", s.id) m
     WHERE u."table" = m."table" AND u.id = m.id"""


@dataclass(frozen=True, slots=True)
class Kept:
    """A row of the sheet that was not undone, and why."""

    row: int
    reason: str


def take_back(session: Session, batch_id: int, *, at: datetime) -> list[Kept]:
    """Undo every row of a batch that can be undone; the rows that were kept."""
    _gather(session, batch_id)
    kept = dict.fromkeys(_used(session), USED) | dict.fromkeys(_edited(session), EDITED)
    rows = session.execute(
        text("SELECT DISTINCT change_id, sheet_row FROM undoing WHERE change_id = ANY(:kept)"),
        {"kept": list(kept)},
    )
    told = sorted((Kept(row, kept[change]) for change, row in rows), key=lambda k: k.row)
    session.execute(text("DELETE FROM undoing WHERE change_id = ANY(:kept)"), {"kept": list(kept)})
    for table in reversed(ORDER):
        _remove(session, table)
        _restore(session, table)
    session.execute(
        text(
            "UPDATE import_change SET undone_at = :at WHERE id IN (SELECT change_id FROM undoing)"
        ),
        {"at": at},
    )
    return told


def _gather(session: Session, batch_id: int) -> None:
    """All writes of the batch as rows, and every row they made or changed locked."""
    session.flush()
    session.execute(text("DROP TABLE IF EXISTS pg_temp.undoing"))
    session.execute(text(_UNDOING), {"batch": batch_id})
    session.execute(text('CREATE INDEX ON undoing ("table", id)'))
    session.execute(text("ANALYZE undoing"))
    session.execute(text(_MERGED))
    for table in ORDER:
        session.execute(
            text(
                f"SELECT count(*) FROM (SELECT t.id FROM {table} t JOIN undoing u ON u.id = t.id"
                ' AND u."table" = :table ORDER BY t.id FOR UPDATE OF t) locked'
            ),
            {"table": table},
        )


def _edited(session: Session) -> Iterator[int]:
    """Changes of which some row no longer reads as it was written (or is gone)."""
    for table in ORDER:
        rows = session.execute(
            text(
                f"""
                SELECT DISTINCT u.change_id
                  FROM undoing u LEFT JOIN {table} t ON t.id = u.id
                 WHERE u."table" = :table AND (t.id IS NULL OR EXISTS (
                       SELECT FROM jsonb_each_text(
                              CASE WHEN u.before IS NULL THEN CAST(:blank AS jsonb) || u.stands
                                   ELSE u.stands END) a
                        WHERE a.value IS DISTINCT FROM to_jsonb(t) ->> a.key))"""
            ),
            {"table": table, "blank": _blank(table)},
        )
        yield from (row[0] for row in rows)


def _blank(table: str) -> str:
    """Columns an insert leaves out of its record: they stand as NULL (but for ciphertexts)."""
    columns = written(metadata.tables[table])
    named = [c.name for c in columns if c.nullable and not c.name.endswith("_sealed")]
    return json.dumps(dict.fromkeys(named))


def _used(session: Session) -> Iterator[int]:
    """Changes whose new rows something else refers to, or whose values a live bill rests on."""
    for table in ORDER:
        for child, column in references(table):
            if table != "building" and not (table in SHARED and child in ORDER):
                rows = session.execute(
                    text(
                        f"""
                        SELECT DISTINCT u.change_id FROM undoing u JOIN {child} c ON c.{column} = u.id
                         WHERE u."table" = :table AND u.before IS NULL AND NOT EXISTS (
                               SELECT FROM undoing d WHERE d."table" = :child AND d.id = c.id)"""
                    ),
                    {"table": table, "child": child},
                )
                yield from (row[0] for row in rows)
    for rule in RULES:
        yield from (row[0] for row in session.execute(text(rule)))


def references(table: str) -> list[tuple[str, str]]:
    """(table, column) of every foreign key to this table's ids; of keys of two columns, one is."""
    return [
        (other.name, column.name)
        for other in metadata.sorted_tables
        for column in other.columns
        if any(key.column is metadata.tables[table].c.id for key in column.foreign_keys)
    ]


def _remove(session: Session, table: str) -> None:
    """Delete what was inserted; of what is shared, what nobody refers to any more."""
    free = "".join(
        f" AND NOT EXISTS (SELECT FROM {child} c WHERE c.{column} = t.id)"
        for child, column in (references(table) if table in SHARED else ())
    )
    session.execute(
        text(
            f'DELETE FROM {table} t USING undoing u WHERE u."table" = :table AND u.id = t.id'
            f" AND u.before IS NULL{free}"
        ),
        {"table": table},
    )


def _restore(session: Session, table: str) -> None:
    """Set back what was changed, the latest change first."""
    rows = session.execute(
        text(
            'SELECT id, before FROM undoing WHERE "table" = :table AND before IS NOT NULL'
            " ORDER BY change_id DESC"
        ),
        {"table": table},
    ).all()
    groups: dict[tuple[str, ...], dict[int, dict[str, str | None]]] = {}
    for row_id, before in rows:
        groups.setdefault(tuple(sorted(before)), {})[row_id] = before
    for group in groups.values():
        set_in(session, table, group)
