"""From rows to plans, for every kind of workbook."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import clock
from domain.bulk import Ids, IdSource, Invented
from domain.company.model import Community
from domain.history.actor import Actor
from domain.imports.charges import plan as charges_plan
from domain.imports.charges import state as charges_state
from domain.imports.model import ImportKind
from domain.imports.owners import persons, plan, state
from domain.imports.places import Places
from domain.imports.readings import plan as readings_plan
from domain.imports.readings import state as readings_state
from domain.imports.writes import ORDER, RowPlan, refuse
from domain.vault import Vault

NOWHERE = 0
"""The id of no community: a plan for one that does not exist yet finds nothing stored."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is planned: the rows of one workbook for one community, by somebody, at a moment.

    `real` False: the plan is only looked at, so it draws no ids.
    """

    kind: ImportKind
    rows: Sequence[Any]
    community_id: int
    community: str
    by: Actor
    at: datetime
    real: bool = True


def plans(session: Session, sheet: Sheet, vault: Vault) -> Iterator[RowPlan]:
    """The plan of every row, made as they are asked for. Writes nothing."""
    strange = strangers(session, sheet)
    sentence = f"这一行写的是别的小区，不是「{sheet.community}」"
    planned = _planner(session, sheet, vault)
    for row in _in_turn(sheet):
        if row.community is not None and _plain(row.community) in strange:
            yield refuse("community", "community_mismatch", sentence).plan(row.row)
        else:
            yield planned(row)


def strangers(session: Session, sheet: Sheet) -> set[str]:
    """Names in the sheet that mean another community than the chosen one.

    A sheet that throughout bears one name nobody here knows is taken as meant: it is how another
    program, or the developer, called the place.
    """
    named = {_plain(row.community) for row in sheet.rows if row.community}
    others = named - {_plain(sheet.community)}
    ours = {_plain(name) for name in session.scalars(select(Community.name))}
    return others if len(named) > 1 or others & ours else set()


def alias(session: Session, sheet: Sheet) -> str | None:
    """The unknown name a sheet has for the chosen community throughout, if it has one."""
    named = {_plain(row.community) for row in sheet.rows if row.community}
    other = named - {_plain(sheet.community)} - strangers(session, sheet)
    return next(iter(other), None)


def _plain(name: str) -> str:
    return "".join(name.split())


def _in_turn(sheet: Sheet) -> Iterable[Any]:
    """Readings day by day, so that a new meter begins with its earliest; others as they stand."""
    if sheet.kind is ImportKind.READINGS:
        return sorted(sheet.rows, key=lambda row: (row.read_on, row.row))
    return sheet.rows


def _planner(session: Session, sheet: Sheet, vault: Vault) -> Callable[[Any], RowPlan]:
    most = max(100, _most(sheet))
    ids: dict[str, IdSource] = {
        table: Ids(session, table, most) if sheet.real else Invented() for table in ORDER
    }
    match sheet.kind:
        case ImportKind.OWNERS:
            return _owners(session, sheet, vault, ids)
        case ImportKind.READINGS:
            return _readings(session, sheet, ids)
        case ImportKind.CHARGES:
            places = Places(session, sheet.community_id)
            known = charges_state.load(session, sheet.community_id)
            return charges_plan.ChargesPlanner(places, known, ids).row


def _most(sheet: Sheet) -> int:
    """The most ids a table may need, drawn at once: later the connection is busy writing."""
    if sheet.kind is not ImportKind.OWNERS:
        return len(sheet.rows)
    return sum(max(1, len(row.owners) + len(row.family)) for row in sheet.rows)


def _owners(
    session: Session, sheet: Sheet, vault: Vault, ids: dict[str, IdSource]
) -> Callable[[Any], RowPlan]:
    on = clock.local_day(sheet.at)
    known = state.load(session, sheet.community_id, on=on)
    people = persons.Persons(known, vault, sheet.community_id, ids, by=sheet.by.name, at=sheet.at)
    return plan.OwnersPlanner(known, people, sheet.community_id, ids, on=on).row


def _readings(session: Session, sheet: Sheet, ids: dict[str, IdSource]) -> Callable[[Any], RowPlan]:
    on = clock.local_day(sheet.at)
    since = min((row.read_on for row in sheet.rows), default=on)
    meters = readings_state.load(session, sheet.community_id, since=since)
    billed = readings_state.billed(session, sheet.community_id)
    places = Places(session, sheet.community_id)
    planner = readings_plan.ReadingsPlanner(places, meters, billed, sheet.community_id, ids, on=on)
    return planner.row
