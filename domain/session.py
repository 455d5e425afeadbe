"""The session edge: the only place that commits."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from domain import models  # noqa: F401 - whoever has a session has every table a row may point to
from domain.refused_statements import tell_no_values

STATEMENT_TIMEOUT_MS = 600_000
CONNECT_S = 60


def connect(
    url: str,
    *,
    pool_size: int = 5,
    statement_timeout_ms: int = STATEMENT_TIMEOUT_MS,
    patience_s: int = CONNECT_S,
) -> Engine:
    """An engine for a `postgresql://` URL; sessions run in UTC whatever the host says.

    `patience_s`: how long a server that does not answer is waited for. Errors quote no values.
    """
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={
            "options": f"-c timezone=UTC -c statement_timeout={statement_timeout_ms}",
            "connect_timeout": patience_s,
        },
    )
    return tell_no_values(engine)


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """One act, one commit: leaves everything or nothing."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def snapshot(engine: Engine) -> Iterator[Session]:
    """Read-only, all questions answered from one moment."""
    with engine.connect() as connection:
        frozen = connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
        with Session(frozen, expire_on_commit=False) as session:
            yield session


def answers(engine: Engine) -> bool:
    """Whether the database can be asked anything now."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except (OperationalError, InterfaceError):
        return False
    return True
