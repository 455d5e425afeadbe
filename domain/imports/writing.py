"""Writing plans as sets, a block of rows at a time: memory stays flat however long the sheet is."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.base import Base
from domain.bulk import Texts, copy_in, set_in
from domain.errors import Conflict
from domain.imports.report import Tally
from domain.imports.writes import ORDER, RowPlan, Write

BLOCK = 2_000
CHANGE = ("batch_id", "sheet_row", "writes")


class DataMoved(Conflict):
    """Somebody changed a row between the plan and its writing."""

    code = "data_moved"


def write_all(session: Session, batch_id: int, plans: Iterable[RowPlan]) -> Tally:
    """Write every plan with the record that undoes it; what they come to."""
    tally, stream = Tally(), iter(plans)
    while block := list(islice(stream, BLOCK)):
        _write(session, batch_id, block)
        for plan in block:
            tally.add(plan)
    return tally


def _write(session: Session, batch_id: int, plans: Sequence[RowPlan]) -> None:
    """Tables in the same order for everyone: no deadlocks."""
    inserts: dict[str, list[Write]] = defaultdict(list)
    changes: dict[str, list[Write]] = defaultdict(list)
    for plan in plans:
        for write in plan.writes:
            (inserts if write.before is None else changes)[write.table].append(write)
    earlier: dict[int, Texts] = {}
    for table in ORDER:
        fresh = {write.id for write in inserts[table]}
        # An old row first makes room for its successor; a row of this very block must be there.
        _set(session, table, [w for w in changes[table] if w.id not in fresh], earlier)
        _insert(session, table, inserts[table])
        _set(session, table, [w for w in changes[table] if w.id in fresh], earlier)
    _record(session, batch_id, plans, earlier)


def _insert(session: Session, table: str, writes: Sequence[Write]) -> None:
    if writes:
        columns = [column.name for column in Base.metadata.tables[table].columns]
        rows = ({"id": str(write.id), **write.after} for write in writes)
        copy_in(session, table, columns, rows)


def _set(session: Session, table: str, writes: Sequence[Write], earlier: dict[int, Texts]) -> None:
    """Lock the rows, see that they are as planned, keep their earlier values, set the new ones."""
    if not writes:
        return
    stored = _locked(session, table, {write.id for write in writes})
    groups: dict[tuple[str, ...], dict[int, Texts]] = defaultdict(dict)
    for write in writes:
        row = stored.get(write.id)
        if row is None or any(row[name] != value for name, value in (write.before or {}).items()):
            raise DataMoved("数据刚刚被别人改过，请重新导入")
        earlier[id(write)] = {name: row[name] for name in write.after}
        row.update(write.after)
        groups[tuple(write.after)].setdefault(write.id, {})
        groups[tuple(write.after)][write.id] = write.after
    for group in groups.values():
        set_in(session, table, group)


def _locked(session: Session, table: str, ids: set[int]) -> dict[int, dict[str, str | None]]:
    """Rows as texts by id."""
    rows = session.execute(
        text(
            f"SELECT t.id, (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t)))"
            f" FROM {table} t WHERE id = ANY(:ids) ORDER BY id FOR UPDATE OF t"
        ),
        {"ids": list(ids)},
    )
    return {row[0]: row[1] for row in rows}


def _record(
    session: Session, batch_id: int, plans: Sequence[RowPlan], earlier: Mapping[int, Texts]
) -> None:
    rows = (
        {
            "batch_id": str(batch_id),
            "sheet_row": str(plan.row),
            "writes": json.dumps([_told(write, earlier) for write in plan.writes],
                                 ensure_ascii=False, separators=(",", ":")),
        }
        for plan in plans
        if plan.writes
    )  # fmt: skip
    copy_in(session, "import_change", CHANGE, rows)


def _told(write: Write, earlier: Mapping[int, Texts]) -> dict[str, Any]:
    before = None if write.before is None else earlier[id(write)]
    return {"table": write.table, "id": write.id, "before": before, "after": write.after}
