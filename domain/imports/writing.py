"""Writing plans as sets, a block of rows at a time: memory stays flat however long the sheet is.

PostgreSQL takes one block while the next one is read and planned.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain, islice, repeat
from typing import Any

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.base import Base, written
from domain.bulk import Copy, Texts, set_in, turn
from domain.errors import Conflict
from domain.imports.report import Tally
from domain.imports.writes import ORDER, RowPlan, Write
from domain.people import standing

BLOCK = 2_000  # few enough that little is left to be written when the last one is planned
FIRST = 500  # a small block to begin with: PostgreSQL need not wait for the first large one
WAITING = 3  # blocks planned ahead of the writing
CHANGE = ("batch_id", "sheet_row", "writes")


class DataMoved(Conflict):
    """Somebody changed a row between the plan and its writing."""

    code = "data_moved"


@dataclass(slots=True)
class Block:
    """Some rows of the sheet, ready to be written. `earlier` fills while changes are made.

    Where every row is new, the record is ready, too: PostgreSQL shall not wait for it.
    """

    plans: Sequence[RowPlan]
    record: Copy | None = None
    inserts: dict[str, Copy] = field(default_factory=dict)
    fresh: dict[str, set[int]] = field(default_factory=dict)
    changes: dict[str, list[Write]] = field(default_factory=lambda: defaultdict(list))
    earlier: dict[int, Texts] = field(default_factory=dict)


def write_all(
    session: Session,
    batch_id: int,
    plans: Iterable[RowPlan],
    *,
    meanwhile: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write every plan with the record that undoes it; what they come to.

    `meanwhile` hears the tally as soon as everything is planned, while the last rows are being
    written: it must leave the session alone.
    """
    tally, pending = Tally(), deque[Future[None]]()
    writer = ThreadPoolExecutor(1, "import")
    try:
        for block in _blocks(batch_id, plans):
            if len(pending) == WAITING:
                pending.popleft().result()
            pending.append(writer.submit(_write, session, batch_id, block))
            for plan in block.plans:
                tally.add(plan)
        if meanwhile is not None:
            meanwhile(tally)
        for written in pending:
            written.result()
    finally:
        writer.shutdown(cancel_futures=True)  # a failure: what waits shall not be written any more
    return tally


def _blocks(batch_id: int, plans: Iterable[RowPlan]) -> Iterator[Block]:
    stream = iter(plans)
    for size in chain((FIRST,), repeat(BLOCK)):
        if not (some := list(islice(stream, size))):
            return
        yield _block(batch_id, some)


def _block(batch_id: int, plans: Sequence[RowPlan]) -> Block:
    block, inserts = Block(plans), defaultdict[str, list[Write]](list)
    for plan in plans:
        for write in plan.writes:
            (inserts if write.before is None else block.changes)[write.table].append(write)
    beside = {"person": standing.kept(write.after for write in inserts.get("occupancy", ()))}
    for table, writes in inserts.items():
        block.inserts[table] = _new(table, writes, beside.get(table, {}))
        block.fresh[table] = {write.id for write in writes}
    if not block.changes:
        block.record = _record(batch_id, block)
    return block


def _new(table: str, writes: Sequence[Write], beside: Mapping[str, Texts]) -> Copy:
    """New rows, `beside` what the database would else write a second time."""
    columns = [column.name for column in written(Base.metadata.tables[table])]
    if beside:
        columns += standing.COLUMNS
    rows = ({"id": str(w.id), **w.after, **beside.get(str(w.id), {})} for w in writes)
    return Copy.of(table, columns, rows)


def _write(session: Session, batch_id: int, block: Block) -> None:
    """Tables in the same order for everyone: no deadlocks."""
    with turn(session):
        for table in ORDER:
            fresh, changes = block.fresh.get(table, set()), block.changes.get(table, [])
            # An old row first makes room for its successor; a row of this block must be there.
            _set(session, table, [w for w in changes if w.id not in fresh], block.earlier)
            if table in block.inserts:
                block.inserts[table].send(session)
            _set(session, table, [w for w in changes if w.id in fresh], block.earlier)
        (block.record or _record(batch_id, block)).send(session)


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


def _record(batch_id: int, block: Block) -> Copy:
    """JSON escapes whatever parts COPY's lines and values, but for its own backslashes."""
    lines = [
        b"%d\t%d\t%b\n" % (batch_id, plan.row, _writes(plan, block).replace(b"\\", b"\\\\"))
        for plan in block.plans
        if plan.writes
    ]
    return Copy("import_change", CHANGE, b"".join(lines))


def _writes(plan: RowPlan, block: Block) -> bytes:
    return orjson.dumps([_told(write, block.earlier) for write in plan.writes])


def _told(write: Write, earlier: Mapping[int, Texts]) -> dict[str, Any]:
    """Of an insert, what tells an edit: a NULL or a ciphertext (beside its blind index) does not."""
    if write.before is not None:
        before, after = earlier[id(write)], write.after
        return {"table": write.table, "id": write.id, "before": before, "after": after}
    told = {k: v for k, v in write.after.items() if v is not None and not k.endswith("_sealed")}
    return {"table": write.table, "id": write.id, "before": None, "after": told}
