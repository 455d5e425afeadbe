"""Filling big tables fast: without their indexes and checks, which come back afterwards."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

FAST = (
    "SET LOCAL session_replication_role = replica",
    "SET LOCAL synchronous_commit = off",
    "SET LOCAL maintenance_work_mem = '256MB'",
    "SET LOCAL work_mem = '128MB'",
)
UNIQUE = """
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
           format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname,
                  pg_get_constraintdef(oid))
      FROM pg_constraint WHERE contype = 'u' AND conrelid = ANY (CAST(:tables AS regclass[]))"""
INDEXES = """
    SELECT format('DROP INDEX %s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
      FROM pg_index i WHERE i.indrelid = ANY (CAST(:tables AS regclass[]))
       AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)"""


@contextmanager
def bare(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """Within one transaction: these tables keep only their primary keys in the `with` block."""
    for setting in FAST:
        session.execute(text(setting))
    found = [
        tuple(row)
        for question in (UNIQUE, INDEXES)
        for row in session.execute(text(question), {"tables": list(tables)})
    ]
    for drop, _ in found:
        session.execute(text(drop))
    yield
    for _, build in found:
        session.execute(text(build))
    session.execute(text("SET LOCAL session_replication_role = origin"))
