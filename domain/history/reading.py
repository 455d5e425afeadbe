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
    union_all,
)
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.base import Base
from domain.errors import NotFound
from domain.history import subjects
from domain.history.model import AuditEntry
from domain.listing import EXPORTED, Listed, Wanted, listed
from domain.staff.model import Staff, StaffRole

EXPORT_CHUNK = 1_000
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
    ids, key = _ids(session, access, wanted, asked)
    found = listed(session, ids, wanted, sorts={"at": (key.desc(),)}, key=key)
    return found.dressed(_read(session, access, [row[0] for row in found.rows]))


def everything(
    session: Session, access: Access, wanted: Wanted, asked: Asked
) -> Iterator[EntryRow]:
    """The same entries unpaged, for an export."""
    ids, key = _ids(session, access, wanted, asked)
    chosen = session.scalars(ids.order_by(key.desc()).limit(EXPORTED)).all()
    for start in range(0, len(chosen), EXPORT_CHUNK):
        yield from _read(session, access, chosen[start : start + EXPORT_CHUNK])


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


def _ids(
    session: Session, access: Access, wanted: Wanted, asked: Asked
) -> tuple[Select[tuple[int]], ColumnElement[int]]:
    """Ids of the entries that were asked for, in no order; and the column they stand in."""
    chosen = select(AuditEntry.id).where(visible(access))
    if wanted.words:
        chosen = chosen.where(_by(session, wanted.words))
    if asked.since is not None:
        chosen = chosen.where(AuditEntry.at >= asked.since)
    if not asked.actions:
        return chosen, AuditEntry.id.expression
    # Each action has an index of its own order; asked together, a rare one of long ago would be
    # looked for through everything that happened since.
    newest = chosen.order_by(AuditEntry.id.desc()).limit(EXPORTED)
    parts = (newest.where(AuditEntry.action == one).subquery() for one in sorted(asked.actions))
    every = union_all(*(select(part.c.id) for part in parts)).subquery()
    return select(every.c.id), every.c.id


def _by(session: Session, words: str) -> ColumnElement[bool]:
    """Acts of the colleagues whose names hold the words; else of schedules and the command line."""
    named = session.scalars(select(Staff.id).where(Staff.name.contains(words, autoescape=True)))
    if ids := named.all():
        return and_(AuditEntry.actor_kind == "staff", AuditEntry.actor_id.in_(ids))
    return and_(
        AuditEntry.actor_id.is_(None), AuditEntry.actor_name.contains(words, autoescape=True)
    )


def _read(session: Session, access: Access, ids: Sequence[int]) -> list[EntryRow]:
    """The entries of these ids, the newest first."""
    found = select(AuditEntry).where(AuditEntry.id.in_(ids)).order_by(AuditEntry.id.desc())
    return _named(session, access, session.scalars(found).all())


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
