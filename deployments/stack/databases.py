"""The two databases of one PostgreSQL server: `wuye` is ours, `prefect` is Prefect's.

SQLAlchemy is imported only for an external server's URL: a stack keeps what it imports in memory.
"""

import os
from typing import TYPE_CHECKING

import psycopg2
from psycopg2 import sql

from deployments.stack.errors import SettingsInvalid, SettingsMissing
from deployments.stack.home import Home
from gateway.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy import URL

BUSINESS, PREFECT = "wuye", "prefect"
ASYNCPG_ARGUMENTS = {"host", "port", "ssl", "command_timeout"}


def is_embedded(settings: Settings) -> bool:
    """Is the database our own embedded server? Also true inside a stack, which names its URL."""
    own = embedded_url(Home.at(settings.home), BUSINESS)
    return settings.database_url in (None, own)


def business_url(settings: Settings) -> str:
    """`postgresql://` URL of our database. Pure: nothing is started."""
    if settings.database_url:
        return settings.database_url
    return embedded_url(Home.at(settings.home), BUSINESS)


def embedded_url(home: Home, database: str) -> str:
    """URL of a database of the embedded server, over its unix socket."""
    return f"postgresql://postgres@/{database}?host={home.short(home.postgres)}"


def prefect_database_url(settings: Settings) -> str:
    """`postgresql+asyncpg://` URL of Prefect's database, beside ours unless set otherwise."""
    return os.environ.get("PREFECT_API_DATABASE_CONNECTION_URL") or _beside_ours(settings)


def _beside_ours(settings: Settings) -> str:
    if is_embedded(settings):
        own = embedded_url(Home.at(settings.home), PREFECT)
        return own.replace("postgresql://", "postgresql+asyncpg://", 1)
    url = external(settings).set(drivername="postgresql+asyncpg", database=_prefect_name(settings))
    return _for_asyncpg(url).render_as_string(hide_password=False)


def external(settings: Settings) -> "URL":
    """WUYE_DATABASE_URL, taken apart. `SettingsInvalid` when it is none."""
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(business_url(settings))
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.get_backend_name() != "postgresql" or not url.database:
        raise SettingsInvalid(
            "看不懂 WUYE_DATABASE_URL，应像 postgresql://用户:密码@主机:5432/库名。"
        )
    return url


def create_databases(settings: Settings) -> None:
    """Create the databases that are missing (an external business database must exist)."""
    if is_embedded(settings):
        _create(embedded_url(Home.at(settings.home), "postgres"), BUSINESS, PREFECT)
    elif prefect_database_url(settings) == _beside_ours(settings):  # not somebody else's
        _create(plain(business_url(settings)), _prefect_name(settings))


def _prefect_name(settings: Settings) -> str:
    """Two installations on one external server must not share Prefect's database."""
    if is_embedded(settings):
        return PREFECT
    return f"{external(settings).database}_{PREFECT}"


def _for_asyncpg(url: "URL") -> "URL":
    """psycopg2's `sslmode` is asyncpg's `ssl`; what asyncpg does not know is left out."""
    query = dict(url.query)
    if "sslmode" in query:
        query["ssl"] = query.pop("sslmode")
    return url.set(query={k: v for k, v in query.items() if k in ASYNCPG_ARGUMENTS})


def _create(url: str, *names: str) -> None:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name in names:
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    except psycopg2.errors.InsufficientPrivilege as refused:
        raise SettingsMissing(
            f"数据库账号不能建库，请先在同一台 PostgreSQL 上建好数据库 {'、'.join(names)}。"
        ) from refused
    finally:
        connection.close()


def plain(url: str) -> str:
    """As libpq reads it: without SQLAlchemy's driver, and a blank in a path is no plus."""
    from sqlalchemy import make_url

    made = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    address, mark, query = made.partition("?")
    return address + mark + query.replace("+", "%20")
