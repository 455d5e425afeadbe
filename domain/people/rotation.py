"""Changing the data key: what an older key sealed is sealed and blinded again with the current one.

Three places hold person data: the person's row, the import records that could undo it, and the
workbooks. Each function here is one act over one batch: run again, it finds only what is left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.imports.model import ImportBatch, ImportChange
from domain.people.model import Person
from domain.people.resealing import Reseal, persons_in, printed, rewritten, set_on, standing
from domain.vault import DataKeysInvalid, Vault

# A record is behind where it holds an older key's value, or an index value that is no longer the
# person's: that one may be an older key's too.
_RECORDED = """
    SELECT DISTINCT w.person
      FROM import_change c
     CROSS JOIN LATERAL (
           SELECT (e ->> 'id')::bigint AS person,
                  ARRAY[e #>> '{before,phone_sealed}', e #>> '{before,id_number_sealed}',
                        e #>> '{after,phone_sealed}', e #>> '{after,id_number_sealed}'] AS sealed,
                  CASE WHEN jsonb_typeof(e -> 'before') = 'null'
                       THEN ARRAY[e #>> '{after,phone_blind}', e #>> '{after,id_number_blind}']
                       ELSE '{}' END AS blinds
             FROM jsonb_array_elements(c.writes) e WHERE e ->> 'table' = 'person') w
      LEFT JOIN person p ON p.id = w.person
     WHERE c.undone_at IS NULL
       AND (EXISTS (SELECT FROM unnest(w.sealed) s WHERE left(s, length(:head)) <> :head)
            OR EXISTS (SELECT FROM unnest(w.blinds) b
                        WHERE b NOT IN (chr(92) || 'x', COALESCE(p.phone_blind::text, ''),
                                        COALESCE(p.id_number_blind::text, ''))))"""

_RECORDS = """
    SELECT id FROM import_change
     WHERE undone_at IS NULL AND EXISTS (
           SELECT FROM jsonb_array_elements(writes) e
            WHERE e ->> 'table' = 'person' AND (e ->> 'id')::bigint = ANY(:people))
     ORDER BY id FOR UPDATE"""

_FORGET = """
    UPDATE import_change c SET writes = (
           SELECT jsonb_agg(CASE WHEN e ->> 'table' = 'person' THEN e || jsonb_build_object(
                      'before', CASE jsonb_typeof(e -> 'before') WHEN 'object'
                                THEN (e -> 'before') - CAST(:columns AS text[]) END,
                      'after', (e -> 'after') - CAST(:columns AS text[])) ELSE e END ORDER BY n)
             FROM jsonb_array_elements(c.writes) WITH ORDINALITY t(e, n))
     WHERE undone_at IS NOT NULL AND writes::text ~ '_(sealed|blind)"'"""


@dataclass(frozen=True, slots=True)
class Resealed:
    """What one batch came to; `unreadable`: ids whose key is missing, left as they were."""

    people: int
    records: int
    unreadable: tuple[int, ...] = ()


def people_behind(session: Session, vault: Vault) -> list[int]:
    """Ids of persons of whom anything may be sealed or blinded with an older key, in order."""
    head = vault.current_head
    rows = session.scalars(
        select(Person.id).where(
            or_(_older(Person.phone_sealed, head), _older(Person.id_number_sealed, head))
        )
    )
    recorded = session.scalars(text(_RECORDED), {"head": printed(head)})
    return sorted({*rows, *recorded})


def reseal_people(session: Session, vault: Vault, ids: Sequence[int]) -> Resealed:
    """Lock these persons and their import records and bring both to the current key."""
    people = session.scalars(
        select(Person).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()
    ).all()
    found = session.scalars(text(_RECORDS), {"people": list(ids)}).all()
    changes = session.scalars(select(ImportChange).where(ImportChange.id.in_(found))).all()
    known, unreadable = _learned(vault, ids, people, changes)
    moved = sum(set_on(person, known[person.id]) for person in people if person.id in known)
    session.flush()
    return Resealed(moved, _rewrite(session, changes, known), tuple(sorted(unreadable)))


def forget_undone(session: Session) -> int:
    """Take phones and ID numbers out of records that were undone: nothing reads them again."""
    columns = [column.name for column in Person.__table__.columns]
    person_data = [name for name in columns if name.endswith(("_sealed", "_blind"))]
    done = session.execute(text(_FORGET), {"columns": person_data})
    return int(done.rowcount)  # type: ignore[attr-defined]


def workbooks_behind(session: Session, vault: Vault) -> list[int]:
    """Ids of import batches whose file or annotated copy is sealed with an older key."""
    head = vault.current_head
    return list(
        session.scalars(
            select(ImportBatch.id)
            .where(or_(_older(ImportBatch.workbook, head), _older(ImportBatch.annotated, head)))
            .order_by(ImportBatch.id)
        )
    )


def reseal_workbook(session: Session, vault: Vault, batch_id: int) -> bool:
    """Seal one batch's files again; False if a key for them is missing."""
    batch = session.get_one(ImportBatch, batch_id, with_for_update=True)
    try:
        batch.workbook = _again(vault, batch.workbook)
        if batch.annotated is not None:
            batch.annotated = _again(vault, batch.annotated)
    except DataKeysInvalid:
        session.expire(batch)
        return False
    return True


def _learned(
    vault: Vault, ids: Iterable[int], people: Iterable[Person], changes: Iterable[ImportChange]
) -> tuple[dict[int, Reseal], set[int]]:
    """Each person's new values, and who has a value whose key is missing."""
    known, unreadable = {person_id: Reseal(vault) for person_id in ids}, set[int]()
    told = [(person.id, standing(person)) for person in people]
    recorded = [one for change in changes for one in persons_in(change.writes)]
    for person_id, values in [*told, *recorded]:
        if person_id in known:
            try:
                known[person_id].learn(values)
            except DataKeysInvalid:
                unreadable.add(person_id)
                del known[person_id]
    return known, unreadable


def _rewrite(session: Session, changes: Iterable[ImportChange], known: dict[int, Reseal]) -> int:
    new = [(change, rewritten(change.writes, known)) for change in changes]
    rows = [
        {"id": change.id, "writes": writes} for change, writes in new if writes != change.writes
    ]
    if rows:
        session.execute(update(ImportChange), rows)
    return len(rows)


def _older(column: InstrumentedAttribute[Any], head: bytes) -> ColumnElement[bool]:
    """Sealed, and not with the current key."""
    return func.substring(column, 1, len(head)) != head


def _again(vault: Vault, sealed: bytes) -> bytes:
    return sealed if vault.is_current(sealed) else vault.seal_bytes(vault.open_bytes(sealed))
