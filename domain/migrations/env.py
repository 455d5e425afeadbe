"""Alembic environment: online only; the caller hands over a connection or a URL."""

from alembic import context
from sqlalchemy import Connection, create_engine, pool

from domain.models import metadata


def run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, compare_server_default=False)
    with context.begin_transaction():
        # Two starts at once must not migrate at once.
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7031499)")
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url")
    assert url, "a connection or sqlalchemy.url must be given"
    with create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1), poolclass=pool.NullPool
    ).connect() as opened:
        run(opened)
        opened.commit()
