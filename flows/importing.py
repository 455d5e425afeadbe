"""Importing workbooks: look, keep, apply, undo. Every act is one transaction; no Prefect in here."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.access import tokens
from domain.collecting import seldom
from domain.company import opening, queries
from domain.errors import Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.imports import batches, planning
from domain.imports.model import ImportBatch, ImportKind
from domain.imports.report import ImportReport
from domain.imports.undo import Kept
from domain.session import snapshot, transaction
from domain.staff.queries import permitted
from domain.vault import Vault
from flows.looking import Upload, look, notes_on, report_on
from statemachines import import_batch as machine

PERMISSION = "imports.apply"
OPERATOR = Actor.operator()


@dataclass(frozen=True, slots=True)
class UndoReport:
    """What an undo left standing."""

    batch: int
    community: str
    kept: tuple[Kept, ...]

    def as_json(self) -> dict[str, Any]:
        """One JSON object."""
        kept = [{"row": one.row, "message": one.reason} for one in self.kept]
        return {"batch": self.batch, "status": "undone", "kept": kept}


@seldom()
def preview(
    engine: Engine,
    vault: Vault,
    *,
    community: str,
    kind: ImportKind,
    file_name: str,
    data: bytes,
    at: datetime,
    by: Actor = OPERATOR,
) -> ImportReport:
    """What importing would do; nothing is stored, not even for a community that is new."""
    upload = Upload.of(community, kind, file_name, data)
    with snapshot(engine) as session:
        return look(session, vault, upload, by=by, at=at)


@seldom()
def check(
    engine: Engine,
    vault: Vault,
    *,
    community: str,
    kind: ImportKind,
    file_name: str,
    data: bytes,
    by: Actor,
    at: datetime,
) -> ImportReport:
    """Keep a workbook of an existing community as a batch, with what applying it would do."""
    upload = Upload.of(community, kind, file_name, data)
    with transaction(engine) as session:
        community_id = queries.community(session, community).id
        batch = _receive(session, vault, upload, community_id, by=by, at=at)
        return _kept(session, vault, batch, look(session, vault, upload, by=by, at=at))


@seldom()
def check_batch(
    engine: Engine,
    vault: Vault,
    batch_id: int,
    *,
    at: datetime,
    by: Actor = OPERATOR,
    login: str | None = None,
) -> ImportReport:
    """Look again at a batch that waits: the figures of today."""
    with transaction(engine) as session:
        batch = machine.waiting(session, batch_id)
        who = actor(session, login, batch.community_id, otherwise=by)
        upload = _upload(session, vault, batch)
        return _kept(session, vault, batch, look(session, vault, upload, by=who, at=at))


@seldom()
def apply(
    engine: Engine,
    vault: Vault,
    batch_id: int,
    *,
    at: datetime,
    by: Actor = OPERATOR,
    login: str | None = None,
) -> ImportReport:
    """Write what a kept batch brings, planned anew: what others did since counts."""
    with transaction(engine) as session:
        batch = machine.waiting(session, batch_id)
        who = actor(session, login, batch.community_id, otherwise=by)
        upload = _upload(session, vault, batch, Upload.opened)
        return _apply(session, vault, batch, upload, by=who, at=at)


@seldom()
def check_and_apply(
    engine: Engine,
    vault: Vault,
    *,
    community: str,
    kind: ImportKind,
    file_name: str,
    data: bytes,
    at: datetime,
    by: Actor = OPERATOR,
    login: str | None = None,
) -> ImportReport:
    """Import a workbook at once, in one transaction; owners open a community that is new.

    `login` names the colleague who imports, who must be allowed to; it goes before `by`.
    """
    upload = Upload.opened(community, kind, file_name, data)
    with transaction(engine) as session:
        community_id = _place(session, upload)
        if community_id is None:
            return look(session, vault, upload, by=by, at=at)
        who = actor(session, login, community_id, otherwise=by)
        batch = _receive(session, vault, upload, community_id, by=who, at=at)
        return _apply(session, vault, batch, upload, by=who, at=at)


def undo(
    engine: Engine, batch_id: int, *, at: datetime, by: Actor = OPERATOR, login: str | None = None
) -> UndoReport:
    """Take back what a batch brought; `login` as in `check_and_apply`."""
    with transaction(engine) as session:
        batch = batches.find(session, batch_id)
        who = actor(session, login, batch.community_id, otherwise=by)
        kept = machine.undo(session, batch_id, by=who, at=at)
        batches.keep_undo(session, batch_id, kept)
        return UndoReport(batch_id, batches.community_of(session, batch), tuple(kept))


def status(engine: Engine, batch_id: int) -> str:
    """`checked`, `applied` or `undone`."""
    with transaction(engine) as session:
        return batches.find(session, batch_id).status.value


def stored(engine: Engine, vault: Vault, batch_id: int) -> ImportReport:
    """What a batch came to when it was last checked or applied, with its annotated copy."""
    with transaction(engine) as session:
        return batches.report_of(session, vault, batches.find(session, batch_id))


def hand_out(
    engine: Engine,
    vault: Vault,
    batch_id: int,
    *,
    reason: str,
    at: datetime,
    by: Actor = OPERATOR,
    login: str | None = None,
) -> ImportReport:
    """`stored`, for somebody who takes the copy away: it shows phones and ID numbers, so who and
    why goes on the record.
    """
    if not reason.strip():
        raise Invalid("请写明为什么取出")
    with transaction(engine) as session:
        batch = batches.find(session, batch_id)
        who = actor(session, login, batch.community_id, otherwise=by)
        report = batches.report_of(session, vault, batch)
        audit.record(
            session, "import.handed_out", subject="import_batch", subject_id=batch_id,
            by=who, at=at, reason=reason,
        )  # fmt: skip
        return report


def actor(
    session: Session, login: str | None, community_id: int, *, otherwise: Actor = OPERATOR
) -> Actor:
    """The colleague with this login and the token of `otherwise`, if he may here; else `otherwise`."""
    if login is None:
        return otherwise
    found = permitted(session, login, PERMISSION, community_id=community_id)
    if otherwise.token_id is None or found.id is None:
        return found
    return replace(found, token_id=tokens.of(session, found.id, otherwise.token_id).id)


def _place(session: Session, upload: Upload) -> int | None:
    """The community; made for owners. None: it would be new, and no row can be taken."""
    if upload.kind is not ImportKind.OWNERS:
        return queries.community(session, upload.community).id
    if upload.is_empty and upload.community not in queries.names(session):
        return None
    return opening.open_community(session, upload.community).id


def _receive(
    session: Session, vault: Vault, upload: Upload, community_id: int, *, by: Actor, at: datetime
) -> ImportBatch:
    return batches.receive(
        session, vault, community_id=community_id, kind=upload.kind,
        file_name=upload.file_name, data=upload.data, by=by, at=at,
    )  # fmt: skip


def _upload(
    session: Session, vault: Vault, batch: ImportBatch, read: Callable[..., Upload] = Upload.of
) -> Upload:
    community = batches.community_of(session, batch)
    return read(community, batch.kind, batch.file_name, batches.workbook(vault, batch))


def _apply(
    session: Session, vault: Vault, batch: ImportBatch, upload: Upload, *, by: Actor, at: datetime
) -> ImportReport:
    sheet = upload.sheet(batch.community_id, by=by, at=at, real=True)
    notes, reports = notes_on(session, upload, sheet), list[ImportReport]()
    machine.apply(
        session, batch.id, planning.plans(session, sheet, vault), by=by, at=at,
        meanwhile=lambda tally: reports.append(report_on(upload, tally, notes)),
    )  # fmt: skip
    return _kept(session, vault, batch, reports[0])


def _kept(session: Session, vault: Vault, batch: ImportBatch, report: ImportReport) -> ImportReport:
    batches.keep_report(session, vault, batch, report)
    return replace(report, batch=batch.id)
