"""Sheets without a workbook: rows as reading gives them, imported into the office's community."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from domain.imports import batches, planning
from domain.imports.model import ImportKind
from domain.imports.planning import Sheet
from domain.imports.report import Tally
from domain.imports.rows import ChargeRow, FamilyCell, OwnerCell, OwnerRow, ReadingRow
from domain.imports.undo import Kept
from domain.meters.model import MeterKind
from domain.models import metadata
from domain.rooms.model import RoomKind
from gateway.excel.identity import check_character
from statemachines import import_batch as machine
from tests.factories.office import Office

KINDS = {
    OwnerRow: ImportKind.OWNERS,
    ReadingRow: ImportKind.READINGS,
    ChargeRow: ImportKind.CHARGES,
}
FIRST = date(2026, 10, 1)


def number(serial: int, *, born: str = "19800101") -> str:
    """A resident ID number that nobody has."""
    body = f"110200{born}{serial:03d}"
    return body + check_character(body)


def person(
    name: str = "丁一", phone: str | None = "17400000001", idn: str | None = None, share: Any = None
) -> OwnerCell:
    """An owner as a cell says him."""
    return OwnerCell(name, phone, idn, None if share is None else Decimal(share))


def room(code: str = "1-1-101", *owners: OwnerCell, row: int = 2, **more: Any) -> OwnerRow:
    """A row of the owners' sheet; `family` as `[("朱梅", "配偶")]`."""
    building, *entrance, door = code.split("-")
    family = tuple(FamilyCell(*member) for member in more.pop("family", ()))
    base = OwnerRow(
        row, None, building, f"{building}栋", entrance[0] if entrance else None, door, code,
        RoomKind.RESIDENTIAL, Decimal("98.50"), owners or (person(),), family,
    )  # fmt: skip
    return replace(base, **more)


def dial(reading: Any, on: date = FIRST, *, row: int = 2, **more: Any) -> ReadingRow:
    """A row of the readings' sheet: water of 1-1-101."""
    base = ReadingRow(
        row,
        None,
        "1-1-101",
        MeterKind.WATER,
        None,
        Decimal(reading),
        on,
        estimated=False,
        note=None,
    )
    return replace(base, **more)


def charge(item: str = "车位费", *, row: int = 2, **more: Any) -> ChargeRow:
    """A row of the charges' sheet: one space for 1-1-101 from October on."""
    base = ChargeRow(row, None, "1-1-101", item, None, None, FIRST, None, None)
    return replace(base, **more)


def plan(office: Office, *rows: Any, at: datetime | None = None) -> Tally:
    """What importing would do."""
    tally = Tally()
    for one in planning.plans(office.session, _sheet(office, rows, at, real=False), office.vault):
        tally.add(one)
    return tally


def bring(office: Office, *rows: Any, at: datetime | None = None) -> tuple[int, Tally]:
    """Import them; the batch and what it came to."""
    sheet = _sheet(office, rows, at, real=True)
    batch = batches.receive(
        office.session, office.vault, community_id=office.community.id, kind=sheet.kind,
        file_name="导入.xlsx", data=b"PK", by=office.by, at=sheet.at,
    )  # fmt: skip
    plans = planning.plans(office.session, sheet, office.vault)
    tally = machine.apply(office.session, batch.id, plans, by=office.by, at=sheet.at)
    office.session.expire_all()
    return batch.id, tally


def undo(office: Office, batch_id: int) -> list[Kept]:
    """Take a batch back."""
    kept = machine.undo(office.session, batch_id, by=office.by, at=office.at)
    office.session.expire_all()
    return kept


def counts(tally: Tally) -> dict[str, int]:
    """The figures that are not nought."""
    found = {
        "new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged,
        "refused": len(tally.refused), "conflicting": len(tally.conflicting),
    }  # fmt: skip
    return {name: count for name, count in found.items() if count}


def faults(tally: Tally) -> list[tuple[int, str | None, str | None]]:
    """Row, column and code of everything that was not taken."""
    return [(one.row, one.column, one.code) for one in [*tally.refused, *tally.conflicting]]


def everything(session: Session) -> dict[str, list[str]]:
    """Every row of every table but the records of imports and acts, as text."""
    session.flush()
    own = {"import_batch", "import_change", "status_change", "audit_entry", "audit_place"}
    return {
        table.name: sorted(session.scalars(text(f"SELECT t::text FROM {table.name} t")))
        for table in metadata.sorted_tables
        if table.name not in own
    }


def many(session: Session, model: Any) -> int:
    """How many rows a table has."""
    found: int = session.scalar(select(func.count()).select_from(model)) or 0
    return found


def _sheet(office: Office, rows: Any, at: datetime | None, *, real: bool) -> Sheet:
    kind = KINDS[type(rows[0])] if rows else ImportKind.OWNERS
    community = office.community
    return Sheet(kind, rows, community.id, community.name, office.by, at or office.at, real)
