"""A workbook against the books: what importing it would do, and the copy that says so."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy.orm import Session

from domain.company import queries
from domain.company.opening import community_name
from domain.company.queries import CommunityNotFound
from domain.history.actor import Actor
from domain.imports import planning
from domain.imports.model import ImportKind
from domain.imports.planning import NOWHERE, Sheet
from domain.imports.report import Finding, ImportReport, Tally
from domain.imports.rows import Ahead
from domain.imports.writes import RowPlan
from domain.vault import Vault
from gateway.excel.annotate import annotate
from gateway.excel.charges import read_charges
from gateway.excel.errors import CellError
from gateway.excel.owners import ahead, open_owners, read_owners
from gateway.excel.readings import read_readings
from gateway.excel.table import TableRead

READERS: dict[ImportKind, Callable[..., TableRead[Any]]] = {
    ImportKind.OWNERS: read_owners,
    ImportKind.READINGS: read_readings,
    ImportKind.CHARGES: read_charges,
}


@dataclass(frozen=True, slots=True)
class Upload:
    """A workbook for a community (by its plain name), with what was read of it.

    `ahead` where it is only read on as its `rows` are taken, which can be done once.
    """

    community: str
    kind: ImportKind
    file_name: str
    data: bytes
    read: TableRead[Any]
    rows: Iterable[Any]
    ahead: Ahead | None = None

    @classmethod
    def of(cls, community: str, kind: ImportKind, file_name: str, data: bytes) -> "Upload":
        """Read it; a `WorkbookRefused` where it cannot be read at all."""
        plain = community_name(community)
        read = READERS[kind](data, file_name=file_name)
        return cls(plain, kind, file_name, data, read, read.rows)

    @classmethod
    def opened(cls, community: str, kind: ImportKind, file_name: str, data: bytes) -> "Upload":
        """The same for one that will be written: reading it goes on while the first rows are.

        Not where planning has to see all rows before it can judge one: readings are planned day by
        day, and whose rows those of several names are shows only when all of them are known. A
        name counts where an accepted row bears it: the first one, else all have to be seen.
        """
        if kind is not ImportKind.OWNERS:
            return cls.of(community, kind, file_name, data)
        table = open_owners(data, file_name=file_name)
        known, some = ahead(table), list(islice(table, 1))
        if known and any(_named(row) == known.community for row in some):
            rows = chain(some, table)
            return cls(community_name(community), kind, file_name, data, table.read, rows, known)
        return cls(community_name(community), kind, file_name, data, table.read, [*some, *table])

    @property
    def is_empty(self) -> bool:
        """Whether no row can be taken."""
        return not self.ahead and not self.rows

    def sheet(self, community_id: int, *, by: Actor, at: datetime, real: bool) -> Sheet:
        """The accepted rows, as planning takes them."""
        return Sheet(self.kind, self.rows, community_id, self.community, by, at, real, self.ahead)


def look(
    session: Session, vault: Vault, upload: Upload, *, by: Actor, at: datetime
) -> ImportReport:
    """The difference, without writing a row or moving a sequence."""
    community_id = _community_id(session, upload)
    sheet = upload.sheet(community_id, by=by, at=at, real=False)
    tally = Tally()
    for plan in planning.plans(session, sheet, vault):
        tally.add(plan)
    notes = notes_on(session, upload, sheet)
    if community_id == NOWHERE:
        notes = (f"还没有叫「{upload.community}」的小区，导入时会建立", *notes)
    return replace(report_on(upload, tally, notes), dry_run=True)


def notes_on(session: Session, upload: Upload, sheet: Sheet) -> tuple[str, ...]:
    """What people should know of the sheet as a whole."""
    notes = []
    alias = planning.alias(session, sheet)
    if alias:
        notes.append(f"表格里写的小区是「{alias}」，按「{upload.community}」导入")
    if upload.read.unread_sheets:
        others = "、".join(upload.read.unread_sheets)
        notes.append(f"只读取了工作表「{upload.read.sheet}」，没有读取：{others}")
    return tuple(notes)


def report_on(upload: Upload, tally: Tally, notes: tuple[str, ...]) -> ImportReport:
    """The figures with the annotated copy: what reading and planning refused, side by side."""
    read = upload.read
    refused = sorted([*read.refused, *_cells(read, tally.refused)], key=lambda error: error.row)
    return ImportReport(
        batch=None,
        community=upload.community,
        dry_run=False,
        accepted=tally.accepted,
        new=tally.new,
        changed=tally.changed,
        unchanged=tally.unchanged,
        refused=_findings(refused),
        conflicting=_findings(_cells(read, sorted(tally.conflicting, key=lambda plan: plan.row))),
        ignored_rows=tuple(read.ignored_rows),
        changes=tuple(sorted(tally.changes)),
        notes=notes,
        annotated=annotate(upload.data, replace(read, refused=refused), tally.words),
    )


def _community_id(session: Session, upload: Upload) -> int:
    """Only owners may come to a community that is not there yet."""
    try:
        return queries.community(session, upload.community).id
    except CommunityNotFound:
        if upload.kind is not ImportKind.OWNERS:
            raise
        return NOWHERE


def _named(row: Any) -> str | None:
    return planning.plain(row.community) if row.community else None


def _cells(read: TableRead[Any], plans: Iterable[RowPlan]) -> list[CellError]:
    return [
        read.error_at(plan.row, plan.column or "room", plan.code or "", plan.sentence or "")
        for plan in plans
    ]


def _findings(errors: Iterable[CellError]) -> tuple[Finding, ...]:
    return tuple(Finding(e.row, e.column, e.code, e.message, e.sheet) for e in errors)
