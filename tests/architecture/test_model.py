"""The tables: every constraint has a name of its own, and the model is what migrations make."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from domain.models import metadata
from tests.architecture.source import ROOT

PREFIXES = {"p": "pk", "u": "uq", "f": "fk", "c": "ck", "x": "ex"}
CONSTRAINTS = """
    SELECT t.relname, c.contype::text, c.conname, pg_get_constraintdef(c.oid)
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE c.contype <> 'n' AND t.relnamespace = :schema ::regnamespace
      AND t.relname <> 'alembic_version'"""
INDEXES = """
    SELECT t.relname, 'i', i.relname, pg_get_indexdef(i.oid)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = :schema ::regnamespace AND t.relname <> 'alembic_version'"""
COLUMNS = """
    SELECT t.relname, 'column', a.attname,
           concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                     pg_get_expr(d.adbin, d.adrelid), col_description(t.oid, a.attnum))
    FROM pg_attribute a JOIN pg_class t ON t.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
    WHERE t.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND t.relnamespace = :schema ::regnamespace AND t.relname <> 'alembic_version'"""
SEQUENCES = """
    SELECT s.relname, 'sequence', s.relname, '' FROM pg_class s
    WHERE s.relkind = 'S' AND s.relnamespace = :schema ::regnamespace"""


@pytest.fixture
def connection(test_engine: Engine) -> Iterator[Connection]:
    with test_engine.connect() as connection:
        yield connection
        connection.rollback()


def catalogue(connection: Connection, schema: str, *questions: str) -> set[tuple[str, ...]]:
    """What PostgreSQL itself says of the tables of a schema, names unqualified."""
    connection.execute(text(f"SET LOCAL search_path = {schema}, public"))
    rows = [row for q in questions for row in connection.execute(text(q), {"schema": schema})]
    return {tuple(str(part).replace(f"{schema}.", "") for part in row) for row in rows}


def misnamed(rows: set[tuple[str, ...]]) -> list[str]:
    """Constraints whose name does not say kind and table (`ck_bill_paid`)."""
    return sorted(
        f"{table}: {name}"
        for table, kind, name, _ in rows
        if not name.startswith(f"{PREFIXES[kind]}_{table}")
    )


def test_every_constraint_has_a_name_that_says_what_it_guards(connection: Connection) -> None:
    assert misnamed(catalogue(connection, "public", CONSTRAINTS)) == []


def test_an_unnamed_constraint_would_be_seen(connection: Connection) -> None:
    connection.execute(text("CREATE TABLE slip (id bigint CHECK (id > 0), no text UNIQUE)"))
    found = misnamed(catalogue(connection, "public", CONSTRAINTS))
    assert found == ["slip: slip_id_check", "slip: slip_no_key"]


def test_one_line_of_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "domain" / "migrations"))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_alembic_finds_nothing_to_migrate(connection: Connection) -> None:
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert compare_metadata(context, metadata) == []


def test_a_change_without_a_migration_would_be_seen(connection: Connection) -> None:
    connection.execute(text("ALTER TABLE bill DROP COLUMN due_on"))
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    assert "add_column" in str(compare_metadata(context, metadata))


def test_migrations_make_exactly_the_model(connection: Connection) -> None:
    """To the last CHECK, default and comment: alembic alone does not compare those."""
    everything = (CONSTRAINTS, INDEXES, COLUMNS, SEQUENCES)
    migrated = catalogue(connection, "public", *everything)
    connection.execute(text("CREATE SCHEMA fresh"))
    connection.execute(text("SET LOCAL search_path = fresh, public"))
    metadata.create_all(connection, checkfirst=False)
    modelled = catalogue(connection, "fresh", *everything)
    assert only(migrated, modelled) == [], "only in the migrated database"
    assert only(modelled, migrated) == [], "only in the model"
    connection.execute(text("ALTER TABLE fresh.bill DROP CONSTRAINT ck_bill_paid"))
    assert only(migrated, catalogue(connection, "fresh", *everything)) != []


def only(these: set[tuple[str, ...]], those: set[tuple[str, ...]]) -> list[str]:
    """What the first has and the second has not."""
    return sorted(" · ".join(row) for row in these - those)
