"""Importing workbooks: look, keep, apply, undo. Every act is one transaction; no Prefect in here."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.company import opening, queries
from domain.company.queries import CommunityNotFound
from domain.history.actor import Actor
from domain.imports import batches, planning
from domain.imports.model import ImportBatch, ImportKind
from domain.imports.planning import Sheet
from domain.imports.report import Finding, ImportReport, Tally
from domain.imports.undo import Kept
from domain.imports.writes import RowPlan
from domain.session import snapshot, transaction
from domain.staff.queries import permitted
from domain.vault import Vault
from gateway.excel.annotate import annotate
from gateway.excel.charges import read_charges
from gateway.excel.errors import CellError
from gateway.excel.owners import read_owners
from gateway.excel.readings import read_readings
from gateway.excel.table import TableRead
from statemachines import import_batch as machine

READERS: dict[ImportKind, Callable[..., TableRead[Any]]] = {
    ImportKind.OWNERS: read_owners,
    ImportKind.READINGS: read_readings,
    ImportKind.CHARGES: read_charges,
}
PERMISSION = "imports.apply"
OPERATOR = Actor.operator()


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook for a community, as a person hands it over."""

    community: str
    kind: ImportKind
    file_name: str
    data: bytes

    def read(self) -> TableRead[Any]:
        """Its rows, accepted or refused; a `WorkbookRefused` where it cannot be read at all."""
        return READERS[self.kind](self.data, file_name=self.file_name)


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
    upload = Upload(community, kind, file_name, data)
    read = upload.read()
    with snapshot(engine) as session:
        return _look(session, vault, upload, read, by=by, at=at)


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
    upload = Upload(community, kind, file_name, data)
    read = upload.read()
    with transaction(engine) as session:
        community_id = queries.community(session, community).id
        batch = _receive(session, vault, upload, community_id, by=by, at=at)
        return _kept(session, vault, batch, _look(session, vault, upload, read, by=by, at=at))


def check_batch(
    engine: Engine, vault: Vault, batch_id: int, *, by: Actor, at: datetime
) -> ImportReport:
    """Look again at a batch that waits: the figures of today. An applied one keeps its own."""
    with transaction(engine) as session:
        batch = machine.waiting(session, batch_id)
        upload = _upload(session, vault, batch)
        report = _look(session, vault, upload, upload.read(), by=by, at=at)
        return _kept(session, vault, batch, report)


def apply(
    engine: Engine, vault: Vault, batch_id: int, *, by: Actor, at: datetime
) -> ImportReport:
    """Write what a kept batch brings, planned anew: what others did since counts."""
    with transaction(engine) as session:
        batch = machine.waiting(session, batch_id)
        upload = _upload(session, vault, batch)
        return _apply(session, vault, batch, upload, upload.read(), by=by, at=at)


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
    upload = Upload(community, kind, file_name, data)
    read = upload.read()
    with transaction(engine) as session:
        community_id = _place(session, upload, read)
        if community_id is None:
            return _look(session, vault, upload, read, by=by, at=at)
        who = actor(session, login, community_id, otherwise=by)
        batch = _receive(session, vault, upload, community_id, by=who, at=at)
        return _apply(session, vault, batch, upload, read, by=who, at=at)


def undo(
    engine: Engine, batch_id: int, *, at: datetime, by: Actor = OPERATOR, login: str | None = None
) -> UndoReport:
    """Take back what a batch brought; `login` as in `check_and_apply`."""
    with transaction(engine) as session:
        batch = batches.find(session, batch_id)
        who = actor(session, login, batch.community_id, otherwise=by)
        kept = machine.undo(session, batch_id, by=who, at=at)
        return UndoReport(batch_id, batches.community_of(session, batch), tuple(kept))


def status(engine: Engine, batch_id: int) -> str:
    """`checked`, `applied` or `undone`."""
    with transaction(engine) as session:
        return batches.find(session, batch_id).status.value


def annotated(engine: Engine, vault: Vault, batch_id: int) -> bytes:
    """The annotated copy of a batch."""
    with transaction(engine) as session:
        return batches.annotated(vault, batches.find(session, batch_id))


def actor(
    session: Session, login: str | None, community_id: int, *, otherwise: Actor = OPERATOR
) -> Actor:
    """The colleague with this login, if he may import here; without one, `otherwise`."""
    if login is None:
        return otherwise
    return permitted(session, login, PERMISSION, community_id=community_id)


def _place(session: Session, upload: Upload, read: TableRead[Any]) -> int | None:
    """The community; made for owners. None: it would be new, and no row can be taken."""
    if upload.kind is not ImportKind.OWNERS:
        return queries.community(session, upload.community).id
    if not read.rows and upload.community not in queries.names(session):
        return None
    return opening.open_community(session, upload.community).id


def _receive(
    session: Session, vault: Vault, upload: Upload, community_id: int, *, by: Actor, at: datetime
) -> ImportBatch:
    return batches.receive(
        session, vault, community_id=community_id, kind=upload.kind,
        file_name=upload.file_name, data=upload.data, by=by, at=at,
    )  # fmt: skip


def _upload(session: Session, vault: Vault, batch: ImportBatch) -> Upload:
    community = batches.community_of(session, batch)
    return Upload(community, batch.kind, batch.file_name, batches.workbook(vault, batch))


def _look(
    session: Session, vault: Vault, upload: Upload, read: TableRead[Any], *, by: Actor, at: datetime
) -> ImportReport:
    """The difference, without writing a row or moving a sequence."""
    try:
        community_id = queries.community(session, upload.community).id
    except CommunityNotFound:
        if upload.kind is not ImportKind.OWNERS:
            raise
        community_id = planning.NOWHERE
    sheet = _sheet(upload, read, community_id, by=by, at=at, real=False)
    report = _report(session, upload, read, sheet, _counted(planning.plans(session, sheet, vault)))
    if community_id == planning.NOWHERE:
        new = f"还没有叫「{upload.community}」的小区，导入时会建立"
        report = replace(report, notes=(new, *report.notes))
    return replace(report, dry_run=True)


def _apply(
    session: Session,
    vault: Vault,
    batch: ImportBatch,
    upload: Upload,
    read: TableRead[Any],
    *,
    by: Actor,
    at: datetime,
) -> ImportReport:
    sheet = _sheet(upload, read, batch.community_id, by=by, at=at, real=True)
    plans = planning.plans(session, sheet, vault)
    tally = machine.apply(session, batch.id, plans, by=by, at=at)
    return _kept(session, vault, batch, _report(session, upload, read, sheet, tally))


def _sheet(
    upload: Upload,
    read: TableRead[Any],
    community_id: int,
    *,
    by: Actor,
    at: datetime,
    real: bool,
) -> Sheet:
    return Sheet(upload.kind, read.rows, community_id, upload.community, by, at, real)


def _counted(plans: Iterable[RowPlan]) -> Tally:
    tally = Tally()
    for plan in plans:
        tally.add(plan)
    return tally


def _kept(session: Session, vault: Vault, batch: ImportBatch, report: ImportReport) -> ImportReport:
    batches.keep_report(session, vault, batch, report)
    return replace(report, batch=batch.id)


def _report(
    session: Session, upload: Upload, read: TableRead[Any], sheet: Sheet, tally: Tally
) -> ImportReport:
    """The figures with the annotated copy: what reading and planning refused, side by side."""
    refused = sorted([*read.refused, *_cells(read, tally.refused)], key=lambda error: error.row)
    alias = planning.alias(session, sheet)
    notes = [f"表格里写的小区是「{alias}」，按「{upload.community}」导入"] if alias else []
    if read.unread_sheets:
        notes.append(f"只读取了工作表「{read.sheet}」，没有读取：{'、'.join(read.unread_sheets)}")
    return ImportReport(
        batch=None,
        community=upload.community,
        dry_run=False,
        accepted=tally.accepted,
        new=tally.new,
        changed=tally.changed,
        unchanged=tally.unchanged,
        refused=_findings(refused),
        conflicting=_findings(_cells(read, sorted(tally.conflicting, key=lambda p: p.row))),
        ignored_rows=tuple(read.ignored_rows),
        changes=tuple(sorted(tally.changes)),
        notes=tuple(notes),
        annotated=annotate(upload.data, replace(read, refused=refused), tally.words),
    )


def _cells(read: TableRead[Any], plans: Iterable[RowPlan]) -> list[CellError]:
    return [
        read.error_at(plan.row, plan.column or "room", plan.code or "", plan.sentence or "")
        for plan in plans
    ]


def _findings(errors: Iterable[CellError]) -> tuple[Finding, ...]:
    return tuple(Finding(e.row, e.column, e.code, e.message) for e in errors)
