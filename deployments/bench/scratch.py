"""A database of a benchmark's own, beside the business database, dropped afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, make_url, text

from deployments import migrate
from deployments.stack.database import ensure_database
from gateway.settings import Settings


@contextmanager
def scratch_database(settings: Settings, name: str) -> Iterator[str]:
    """The URL of an empty, migrated database on the same server."""
    base = make_url(ensure_database(settings))
    own = f"bench_{name}_{os.getpid()}"
    _administer(base.render_as_string(hide_password=False), f'CREATE DATABASE "{own}"')
    url = base.set(database=own).render_as_string(hide_password=False)
    try:
        migrate.upgrade(url)
        yield url
    finally:
        _administer(
            base.render_as_string(hide_password=False), f'DROP DATABASE "{own}" WITH (FORCE)'
        )


def _administer(url: str, statement: str) -> None:
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
