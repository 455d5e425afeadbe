"""Import batches as lists: who brought what, and where it stands."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB, array
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.company.model import Community
from domain.imports.batches import BatchNotFound
from domain.imports.model import ImportBatch, ImportKind, ImportStatus
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered

SEEN = "imports.apply"
SORTS = {"time": (ImportBatch.created_at,)}
SUMMARY = type_coerce(ImportBatch.summary, JSONB)
FAULTS = array(["refused", "conflicting", "changes", "kept"])


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch without its files. `checked`: its workbook has been read; `told`: the figures;
    `faults`: cells that could not be taken.
    """

    id: int
    community_id: int
    community_name: str
    kind: ImportKind
    file_name: str
    status: ImportStatus
    created_at: datetime
    actor_name: str
    told: dict[str, Any]
    faults: int
    checked: bool

    @property
    def refusal(self) -> str | None:
        """Why the workbook as a whole could not be taken."""
        said: str | None = self.told.get("refusal")
        return said


def batches(session: Session, access: Access, wanted: Wanted) -> Listed[BatchRow]:
    """One page of batches, the latest first."""
    how = replace(wanted, sort=wanted.sort or "-time")
    asked = _filtered(access, wanted)
    found = listed(session, asked, how, sorts=SORTS, key=ImportBatch.id)
    return found.dressed([BatchRow(*row) for row in found.rows])


def everything(session: Session, access: Access, wanted: Wanted) -> Iterator[BatchRow]:
    """The same batches unpaged, for an export."""
    how = replace(wanted, sort=wanted.sort or "-time")
    asked = ordered(_filtered(access, wanted), how, sorts=SORTS, key=ImportBatch.id)
    return (BatchRow(*row) for row in session.execute(asked.limit(EXPORTED)))


def _filtered(access: Access, wanted: Wanted) -> Select[Any]:
    asked = _select(SUMMARY - FAULTS).where(access.where(SEEN, ImportBatch.community_id))
    if community := wanted.filter("community"):
        asked = asked.where(ImportBatch.community_id == int(community))
    if kind := wanted.filter("kind"):
        asked = asked.where(ImportBatch.kind == ImportKind(kind))
    if status := wanted.filter("status"):
        asked = asked.where(ImportBatch.status == ImportStatus(status))
    if words := wanted.words:
        named = ImportBatch.file_name.contains(words, autoescape=True)
        asked = asked.where(named | ImportBatch.actor_name.contains(words, autoescape=True))
    return asked


def batch(session: Session, batch_id: int) -> BatchRow:
    """One batch, or BatchNotFound."""
    row = session.execute(_select(SUMMARY).where(ImportBatch.id == batch_id)).one_or_none()
    if row is None:
        raise BatchNotFound("没有找到这一批导入")
    return BatchRow(*row)


def same_file(session: Session, batch_id: int) -> Sequence[int]:
    """Other batches of the community with the very same file, the latest first."""
    one = session.get_one(ImportBatch, batch_id)
    found = select(ImportBatch.id).where(
        ImportBatch.community_id == one.community_id, ImportBatch.sha256 == one.sha256,
        ImportBatch.id != batch_id,
    )  # fmt: skip
    return session.scalars(found.order_by(ImportBatch.id.desc())).all()


def _select(told: ColumnElement[Any]) -> Select[Any]:
    """`told` leaves a list without the thousands of faults that one batch may have."""
    return select(
        ImportBatch.id, ImportBatch.community_id, Community.name, ImportBatch.kind,
        ImportBatch.file_name, ImportBatch.status, ImportBatch.created_at, ImportBatch.actor_name,
        told, _length("refused") + _length("conflicting"), ImportBatch.annotated.is_not(None),
    ).outerjoin(Community, Community.id == ImportBatch.community_id)  # fmt: skip


def _length(name: str) -> ColumnElement[int]:
    return func.coalesce(func.jsonb_array_length(SUMMARY[name]), 0)
