"""The audit as people read it: who did what, when, to what; only of where the reader may look."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    false,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.model import ApiToken
from domain.errors import NotFound
from domain.history import places, subjects
from domain.history.model import AuditEntry
from domain.history.places import AuditPlace
from domain.listing import EXPORTED, Listed, Wanted, listed
from domain.staff.model import Staff

EXPORT_CHUNK = 1_000


class EntryNotFound(NotFound):
    """No such entry, or not for this reader."""

    code = "entry_not_found"


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of the audit; `thing` is the name of what it is about, where it has one.

    `token`: the name of the token a program acted with, "" where a person did it.
    """

    id: int
    at: datetime
    actor_kind: str
    actor_name: str
    action: str
    subject: str
    subject_id: int | None
    detail: Mapping[str, Any]
    thing: str
    token: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts (none named = all), since when, and whether only those of programs."""

    actions: Collection[str] = ()
    since: datetime | None = None
    by_programs: bool = False


def entries(session: Session, access: Access, wanted: Wanted, asked: Asked) -> Listed[EntryRow]:
    """One page of the audit, the newest first."""
    ids, key = _ids(session, access, wanted, asked)
    newest: list[ColumnElement[Any]] = [key.desc()]
    counted = None
    if asked.since is not None and key is AuditEntry.id.expression:
        # By its index on the time nothing older is looked at, however little happened since.
        newest = [AuditEntry.at.desc(), key.desc()]
        counted = ids.order_by(AuditEntry.at.desc())
    found = listed(session, ids, wanted, sorts={"at": newest}, key=key, counted=counted)
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


def shows_money(session: Session, access: Access, entry_id: int) -> bool:
    """Whether the reader may see amounts where an entry belongs."""
    where = select(AuditPlace.community_id).where(AuditPlace.entry_id == entry_id)
    return access.may("bills.see", community_id=session.scalar(where))


def of_token(session: Session, access: Access, token_id: int, *, limit: int) -> Sequence[EntryRow]:
    """What a program did with a token of the reader's own, the newest first."""
    asked = select(AuditEntry).where(
        AuditEntry.token_id == token_id, AuditEntry.actor_id == access.staff_id
    )
    newest = asked.order_by(AuditEntry.id.desc()).limit(limit)
    return _named(session, access, session.scalars(newest).all())


def visible(access: Access) -> ColumnElement[bool]:
    """Entries about things of the communities where the reader may look."""
    seen = places.seen(access)
    if seen is None:
        return true()
    return or_(places.community().in_(seen), places.of_colleagues(seen)) if seen else false()


def _ids(
    session: Session, access: Access, wanted: Wanted, asked: Asked
) -> tuple[Select[tuple[int]], ColumnElement[int]]:
    """Ids of the entries that were asked for, in no order; and the column they stand in.

    Each community, and each action in it, has an index in the order of the entries. Asked together,
    a small community's or a rare action of long ago would be looked for through everything that
    happened since; so each is asked for by itself, as far as anybody is shown.
    """
    said = [_by(session, wanted.words)] if wanted.words else []
    if asked.by_programs:
        said.append(AuditEntry.token_id.is_not(None))
    chosen = select(AuditEntry.id).where(*said)
    if asked.since is not None:
        chosen = chosen.where(AuditEntry.at >= asked.since)
    seen, actions = places.seen(access), sorted(asked.actions)
    if seen is None and not actions:
        return chosen, AuditEntry.id.expression
    if seen is None:
        parts = [chosen.where(AuditEntry.action == one) for one in actions]
    else:
        theirs = chosen.where(places.of_colleagues(seen))
        parts = [theirs.where(AuditEntry.action.in_(actions)) if actions else theirs]
        parts += [one for place in seen for one in _of_place(place, actions, asked.since, said)]
    newest = (one.order_by(one.selected_columns[0].desc()).limit(EXPORTED) for one in parts)
    every = union_all(*(select(one.subquery()) for one in newest)).subquery()
    key = every.c[0]
    return select(key), key


def _of_place(
    place: int, actions: Sequence[str], since: datetime | None, said: Sequence[ColumnElement[bool]]
) -> Iterator[Select[tuple[int]]]:
    """Entries about a community; what they say themselves is only looked at where it is asked for."""
    here = select(AuditPlace.entry_id).where(AuditPlace.community_id == place)
    if since is not None:
        here = here.where(AuditPlace.at >= since)
    if said:
        here = here.join(AuditEntry, AuditEntry.id == AuditPlace.entry_id).where(*said)
    yield from (here.where(AuditPlace.action == one) for one in actions) if actions else (here,)


def _by(session: Session, words: str) -> ColumnElement[bool]:
    """Acts of the colleagues whose names hold the words; else of schedules and the command line."""
    named = session.scalars(select(Staff.id).where(Staff.name.contains(words, autoescape=True)))
    if ids := named.all():
        return and_(AuditEntry.actor_kind == "staff", AuditEntry.actor_id.in_(ids))
    return and_(
        AuditEntry.actor_id.is_(None), AuditEntry.actor_name.contains(words, autoescape=True)
    )


def _read(session: Session, access: Access, ids: Sequence[int]) -> list[EntryRow]:
    """The entries of these ids, in their order."""
    found = session.scalars(select(AuditEntry).where(AuditEntry.id.in_(ids)))
    by_id = {row.id: row for row in found}
    return _named(session, access, [by_id[one] for one in ids])


def _tokens(session: Session, ids: Collection[int]) -> Mapping[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(ApiToken.id, ApiToken.name).where(ApiToken.id.in_(ids)))
    return {token_id: str(name) for token_id, name in rows}


def _named(session: Session, access: Access, rows: Sequence[AuditEntry]) -> list[EntryRow]:
    names = subjects.names(
        session, access, {(row.subject, row.subject_id) for row in rows if row.subject_id}
    )
    tokens = _tokens(session, {row.token_id for row in rows if row.token_id is not None})
    return [
        EntryRow(
            row.id, row.at, row.actor_kind, row.actor_name, row.action, row.subject,
            row.subject_id, row.detail, names.get((row.subject, row.subject_id), ""),
            tokens.get(row.token_id or 0, ""),
        )
        for row in rows
    ]  # fmt: skip
