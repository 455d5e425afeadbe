"""From rows to plans, for every kind of workbook."""

from collections.abc import Callable, Iterable, Iterator
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
from domain.imports.rows import Ahead
from domain.imports.writes import ORDER, RowPlan, refuse
from domain.vault import Vault

NOWHERE = 0
"""The id of no community: a plan for one that does not exist yet finds nothing stored."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is planned: the rows of one workbook for one community, by somebody, at a moment.

    `real` False: the plan is only looked at, so it draws no ids. `ahead` where the rows are being
    read while they are planned, so that they can be had only once; else they are a collection.
    """

    kind: ImportKind
    rows: Iterable[Any]
    community_id: int
    community: str
    by: Actor
    at: datetime
    real: bool = True
    ahead: Ahead | None = None


def plans(session: Session, sheet: Sheet, vault: Vault) -> Iterator[RowPlan]:
    """The plan of every row, made as they are asked for. Writes nothing."""
    strange = strangers(session, sheet)
    sentence = f"这一行写的是别的小区，不是「{sheet.community}」"
    planned = _planner(session, sheet, vault)
    for row in _in_turn(sheet):
        if row.community is not None and plain(row.community) in strange:
            yield refuse("community", "community_mismatch", sentence).plan(row.row)
        else:
            yield planned(row)


def strangers(session: Session, sheet: Sheet) -> set[str]:
    """Names in the sheet that mean another community than the chosen one.

    A sheet that throughout bears one name nobody here knows is taken as meant: it is how another
    program, or the developer, called the place.
    """
    named = _named(sheet)
    others = named - {plain(sheet.community)}
    ours = {plain(name) for name in session.scalars(select(Community.name))}
    return others if len(named) > 1 or others & ours else set()


def alias(session: Session, sheet: Sheet) -> str | None:
    """The unknown name a sheet has for the chosen community throughout, if it has one."""
    other = _named(sheet) - {plain(sheet.community)} - strangers(session, sheet)
    return next(iter(other), None)


def plain(name: str) -> str:
    """The name of a community without the blanks people put into it."""
    return "".join(name.split())


def _named(sheet: Sheet) -> set[str]:
    if sheet.ahead is not None:
        return {sheet.ahead.community} if sheet.ahead.community else set()
    return {plain(row.community) for row in sheet.rows if row.community}


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
    if sheet.ahead is not None:
        return sheet.ahead.people
    if sheet.kind is not ImportKind.OWNERS:
        return sum(1 for _ in sheet.rows)
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
