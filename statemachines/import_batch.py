"""导入批次: checked, applied in one transaction, undone."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from domain import locks
from domain.errors import NotAllowedNow
from domain.history import audit
from domain.history.actor import Actor
from domain.imports import batches
from domain.imports import undo as undoing
from domain.imports.model import ImportBatch
from domain.imports.model import ImportStatus as S
from domain.imports.report import Tally
from domain.imports.undo import Kept
from domain.imports.writes import RowPlan
from domain.imports.writing import write_all
from statemachines.engine import fire, lifecycle, locked

IMPORT_BATCH = lifecycle(
    "导入批次",
    ImportBatch,
    statuses={S.CHECKED: "已检查", S.APPLIED: "已导入", S.UNDONE: "已撤销"},
    verbs={"apply": "导入", "undo": "撤销"},
    rows=[
        dict(trigger="apply", source=S.CHECKED, dest=S.APPLIED),
        dict(trigger="undo", source=S.APPLIED, dest=S.UNDONE),
    ],
)


def waiting(session: Session, batch_id: int) -> ImportBatch:
    """A batch that waits to be applied, locked; a refusal where it does not."""
    batch: ImportBatch = _batch(session, batch_id)
    if batch.status is not S.CHECKED:
        raise NotAllowedNow(
            f"这一批{IMPORT_BATCH.status_names[batch.status]}，不能再检查或导入",
            id=batch.id, status=batch.status.value,
        )  # fmt: skip
    return batch


def apply(
    session: Session,
    batch_id: int,
    plans: Iterable[RowPlan],
    *,
    by: Actor,
    at: datetime,
    meanwhile: Callable[[Tally], None] | None = None,
) -> Tally:
    """Write what a batch brings; rows that conflict are left out. What it came to.

    `plans` is first asked when no other import of the community is at work: it sees what they
    wrote. `meanwhile` as in `write_all`.
    """
    batch = _alone(session, batch_id)
    fire(session, IMPORT_BATCH, batch, "apply", by=by, at=at)
    tally = write_all(session, batch.id, plans, meanwhile=meanwhile)
    audit.record(
        session, "import.apply", subject="import_batch", subject_id=batch.id, by=by, at=at,
        kind=batch.kind.value, new=tally.new, changed=tally.changed, unchanged=tally.unchanged,
        conflicting=len(tally.conflicting),
    )  # fmt: skip
    return tally


def undo(session: Session, batch_id: int, *, by: Actor, at: datetime) -> list[Kept]:
    """Take back what a batch brought; rows edited or used since are kept and told."""
    batch = _alone(session, batch_id)
    fire(session, IMPORT_BATCH, batch, "undo", by=by, at=at)
    kept = undoing.take_back(session, batch.id, at=at)
    audit.record(
        session, "import.undo", subject="import_batch", subject_id=batch.id, by=by, at=at,
        kind=batch.kind.value, kept=len(kept),
    )  # fmt: skip
    return kept


def _alone(session: Session, batch_id: int) -> ImportBatch:
    """The batch, locked, and no other import at work in its community."""
    batch = _batch(session, batch_id)
    locks.hold(session, f"import {batch.community_id}")
    return batch


def _batch(session: Session, batch_id: int) -> ImportBatch:
    batches.find(session, batch_id)
    batch: ImportBatch = locked(session, ImportBatch, batch_id)
    return batch
