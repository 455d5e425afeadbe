"""Batches: the file as it came and the annotated copy, both sealed, for they hold person data."""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.company.model import Community
from domain.errors import NotFound
from domain.history.actor import Actor
from domain.imports.model import ImportBatch, ImportKind, ImportStatus
from domain.imports.report import Finding, ImportReport
from domain.imports.undo import Kept
from domain.vault import Vault

REFUSAL, KEPT = "refusal", "kept"
"""What a summary holds beside the figures."""


class BatchNotFound(NotFound):
    """No import batch with this number."""

    code = "batch_not_found"


class AnnotatedMissing(NotFound):
    """The batch has not been checked yet, so there is no annotated copy."""

    code = "annotated_missing"


def receive(
    session: Session,
    vault: Vault,
    *,
    community_id: int,
    kind: ImportKind,
    file_name: str,
    data: bytes,
    by: Actor,
    at: datetime,
) -> ImportBatch:
    """Keep an uploaded workbook as a batch that waits to be checked and applied."""
    batch = ImportBatch(
        community_id=community_id, kind=kind, file_name=file_name[-200:],
        sha256=hashlib.sha256(data).hexdigest(), workbook=vault.seal_bytes(data),
        created_at=at, actor_name=by.name,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    session.refresh(batch, ["status"])
    return batch


def just_received(
    session: Session,
    *,
    community_id: int,
    kind: ImportKind,
    data: bytes,
    by: Actor,
    since: datetime,
) -> ImportBatch | None:
    """The batch of this very file that somebody has just handed in and not applied yet."""
    return session.scalar(
        select(ImportBatch)
        .where(
            ImportBatch.community_id == community_id, ImportBatch.kind == kind,
            ImportBatch.sha256 == hashlib.sha256(data).hexdigest(),
            ImportBatch.actor_name == by.name, ImportBatch.created_at >= since,
            ImportBatch.status == ImportStatus.CHECKED,
        )
        .order_by(ImportBatch.id.desc())
        .limit(1)
    )  # fmt: skip


def find(session: Session, batch_id: int) -> ImportBatch:
    """The batch, or BatchNotFound."""
    batch = session.get(ImportBatch, batch_id)
    if batch is None:
        raise BatchNotFound(f"没有第 {batch_id} 批导入")
    return batch


def standing(session: Session, batch_id: int) -> ImportStatus | None:
    """Where a batch stands; None where there is no such batch."""
    return session.scalar(select(ImportBatch.status).where(ImportBatch.id == batch_id))


def kept_of(session: Session, batch_id: int) -> list[Kept]:
    """Rows that an undo left standing."""
    return [Kept(row, reason) for row, reason in find(session, batch_id).summary.get(KEPT, [])]


def community_of(session: Session, batch: ImportBatch) -> str:
    """The name of the community a batch is for."""
    return session.scalars(select(Community.name).where(Community.id == batch.community_id)).one()


def workbook(vault: Vault, batch: ImportBatch) -> bytes:
    """The file as it came."""
    return vault.open_bytes(batch.workbook)


def annotated(vault: Vault, batch: ImportBatch) -> bytes:
    """The copy with comments and the result column, or AnnotatedMissing."""
    if batch.annotated is None:
        raise AnnotatedMissing(f"第 {batch.id} 批还没有检查，没有批注副本")
    return vault.open_bytes(batch.annotated)


def report_of(session: Session, vault: Vault, batch: ImportBatch) -> ImportReport:
    """The report that was kept with the batch; AnnotatedMissing before it has been checked."""
    told, copy = batch.summary, annotated(vault, batch)
    return ImportReport(
        batch=batch.id,
        community=community_of(session, batch),
        dry_run=batch.status is ImportStatus.CHECKED,
        accepted=told["accepted"], new=told["new"], changed=told["changed"],
        unchanged=told["unchanged"],
        refused=tuple(Finding(**one) for one in told["refused"]),
        conflicting=tuple(Finding(**one) for one in told["conflicting"]),
        ignored_rows=tuple(told["ignored_rows"]),
        changes=tuple((row, said) for row, said in told["changes"]),
        notes=tuple(told["notes"]),
        annotated=copy,
    )  # fmt: skip


def keep_report(session: Session, vault: Vault, batch: ImportBatch, report: ImportReport) -> None:
    """Store figures and the annotated copy with the batch."""
    batch.summary = report.summary()
    batch.annotated = vault.seal_bytes(report.annotated)
    session.flush()


def note_refusal(session: Session, batch_id: int, sentence: str | None) -> None:
    """Why the last thing asked of a batch could not be done; None: it is asked again."""
    batch = session.get_one(ImportBatch, batch_id, with_for_update=True, populate_existing=True)
    told = {name: value for name, value in batch.summary.items() if name != REFUSAL}
    batch.summary = told | ({REFUSAL: sentence} if sentence else {})
    session.flush()


def keep_undo(session: Session, batch_id: int, kept: Sequence[Kept]) -> None:
    """Store which rows an undo left standing, and why."""
    batch = session.get_one(ImportBatch, batch_id)
    batch.summary = {**batch.summary, KEPT: [[one.row, one.reason] for one in kept]}
    session.flush()
