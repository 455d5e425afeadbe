"""Migrations by Alembic's API: no ini file, one connection, nothing printed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, make_url

import domain

SCRIPTS = Path(domain.__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> str:
    """Bring the tables of a `postgresql://` URL up to date; the answer is the revision."""
    config = _config()
    engine = create_engine(_with_driver(url), poolclass=NullPool)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return current(url) or ""


def current(url: str) -> str | None:
    """The revision the database is at; None for an empty one."""
    engine = create_engine(_with_driver(url), poolclass=NullPool)
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The revision this program was written for."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    assert newest is not None, "there is at least one migration"
    return newest


def is_current(url: str) -> bool:
    """Are the tables those this program was written for?"""
    return current(url) == head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _with_driver(url: str) -> str:
    made = make_url(url).set(drivername="postgresql+psycopg2")
    return made.render_as_string(hide_password=False)
