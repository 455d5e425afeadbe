"""The audit as people read it: who did what, when, to what; only of where the reader may look."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    case,
    exists,
    false,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.base import Base
from domain.errors import NotFound
from domain.history import subjects
from domain.history.model import AuditEntry
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered
from domain.staff.model import Staff, StaffRole

NEWEST = {"at": (AuditEntry.id.desc(),)}
OF_A_COMMUNITY = (
    "person", "bill", "bill_run", "payment", "import_batch", "room", "building", "flow_start",
    "letter", "fee_item", "meter",
)  # fmt: skip
"""Subjects whose table says the community. What is not named here only the whole company sees."""


class EntryNotFound(NotFound):
    """No such entry, or not for this reader."""

    code = "entry_not_found"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the audit; `thing` is the name of what it is about, where it has one."""

    id: int
    at: datetime
    actor_kind: str
    actor_name: str
    action: str
    subject: str
    subject_id: int | None
    detail: Mapping[str, Any]
    thing: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts (none named = all), and since when."""

    actions: Collection[str] = ()
    since: datetime | None = None


def entries(session: Session, access: Access, wanted: Wanted, asked: Asked) -> Listed[EntryRow]:
    """One page of the audit, the newest first."""
    found = listed(
        session, _select(session, access, wanted, asked), wanted, sorts=NEWEST, key=AuditEntry.id
    )
    rows = _named(session, access, [row[0] for row in found.rows])
    return Listed(rows, found.count, found.many, found.page, found.size)


def everything(
    session: Session, access: Access, wanted: Wanted, asked: Asked
) -> Iterator[EntryRow]:
    """The same entries unpaged, for an export."""
    chosen = ordered(
        _select(session, access, wanted, asked), wanted, sorts=NEWEST, key=AuditEntry.id
    )
    yield from _named(session, access, session.scalars(chosen.limit(EXPORTED)).all())


def entry(session: Session, access: Access, entry_id: int) -> tuple[AuditEntry, EntryRow]:
    """One entry, or EntryNotFound also where it is not for this reader."""
    access.require_somewhere("audit.see")
    found = session.scalar(select(AuditEntry).where(AuditEntry.id == entry_id, visible(access)))
    if found is None:
        raise EntryNotFound("没有找到这条记录，或不在您的小区")
    return found, _named(session, access, [found])[0]


def visible(access: Access) -> ColumnElement[bool]:
    """Entries about things of the communities where the reader may look."""
    if access.may("audit.see"):
        return true()
    here = {
        grant.community_id
        for grant in access.grants
        if "audit.see" in grant.permissions and grant.building_id is None
    }
    ids = sorted(filter(None, here))
    if not ids:
        return false()
    here_too = exists().where(
        StaffRole.staff_id == AuditEntry.subject_id, StaffRole.community_id.in_(ids)
    )
    return or_(_community().in_(ids), and_(AuditEntry.subject == "staff", here_too))


def _community() -> ColumnElement[int | None]:
    """The community of what an entry is about: one look by key, for the rows that are looked at."""
    whose: dict[str, Any] = {"community": AuditEntry.subject_id}
    for name in OF_A_COMMUNITY:
        table = Base.metadata.tables[name]
        whose[name] = (
            select(table.c.community_id)
            .where(table.c.id == AuditEntry.subject_id)
            .correlate(AuditEntry)
            .scalar_subquery()
        )
    return case(whose, value=AuditEntry.subject, else_=null())


def _select(session: Session, access: Access, wanted: Wanted, asked: Asked) -> Select[Any]:
    chosen = select(AuditEntry).where(visible(access))
    if wanted.words:
        chosen = chosen.where(_by(session, wanted.words))
    if asked.actions:
        chosen = chosen.where(AuditEntry.action.in_(sorted(asked.actions)))
    if asked.since is not None:
        chosen = chosen.where(AuditEntry.at >= asked.since)
    return chosen


def _by(session: Session, words: str) -> ColumnElement[bool]:
    """Acts of the colleagues whose names hold the words; else of schedules and the command line."""
    named = session.scalars(select(Staff.id).where(Staff.name.contains(words, autoescape=True)))
    if ids := named.all():
        return and_(AuditEntry.actor_kind == "staff", AuditEntry.actor_id.in_(ids))
    return and_(
        AuditEntry.actor_id.is_(None), AuditEntry.actor_name.contains(words, autoescape=True)
    )


def _named(session: Session, access: Access, rows: Sequence[AuditEntry]) -> list[EntryRow]:
    names = subjects.names(
        session,
        {(row.subject, row.subject_id) for row in rows if row.subject_id is not None},
        people="people.see" in access.held,
    )
    return [
        EntryRow(
            row.id, row.at, row.actor_kind, row.actor_name, row.action, row.subject,
            row.subject_id, row.detail, names.get((row.subject, row.subject_id), ""),
        )
        for row in rows
    ]  # fmt: skip
