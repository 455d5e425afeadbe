"""Migrations by Alembic's API: no ini file, one connection, nothing printed."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import NullPool, create_engine, make_url

import domain
from deployments.stack.errors import DatabaseNewer

SCRIPTS = Path(domain.__file__).parent / "migrations"


def upgrade(url: str, revision: str = "head") -> str:
    """Bring the tables of a `postgresql://` URL up to date; the answer is the revision.

    `DatabaseNewer` where a newer version has been at work: it is left as it is.
    """
    must_know(current(url))
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


def must_know(revision: str | None) -> None:
    """`DatabaseNewer` unless the revision is one of this program's, or none yet."""
    scripts = ScriptDirectory.from_config(_config())
    if revision not in {None, *(script.revision for script in scripts.walk_revisions())}:
        raise DatabaseNewer(
            f"数据库已由更新的版本升级到 {revision}，这个版本只认识到 {head()}，不会改动它。"
            "请换回更新的版本，或恢复升级前的备份。",
            revision=revision,
            head=head(),
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
    return config


def _with_driver(url: str) -> str:
    made = make_url(url).set(drivername="postgresql+psycopg2")
    return made.render_as_string(hide_password=False)
