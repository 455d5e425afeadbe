"""Our database, for any command: there, started if it is the embedded one, and up to date."""

import atexit

import psycopg2
from sqlalchemy import make_url

from deployments import migrate
from deployments.stack import databases
from deployments.stack.errors import DatabaseBehind, PartFailed
from deployments.stack.home import Home, alone
from deployments.stack.postgres import EmbeddedPostgres
from gateway.settings import Settings

_in_use: dict[str, EmbeddedPostgres] = {}


def ensure_database(settings: Settings, *, migrated: bool = True) -> str:
    """The `postgresql://` URL of our database, which answers when this returns.

    The embedded server is started if need be, and stopped when the last process that asked for
    it has ended. Its tables are brought up to date; an external database is only checked
    (`DatabaseBehind`), because upgrading it is a decision: `wuye db upgrade`.
    """
    url = databases.business_url(settings)
    if databases.is_embedded(settings):
        _start_embedded(settings)
    else:
        _must_answer(url)
    if migrated and not migrate.is_current(url):
        if not databases.is_embedded(settings):
            raise DatabaseBehind("数据库的表结构不是这个版本的，请先备份，再运行 wuye db upgrade。")
        upgrade(settings)
    return url


def upgrade(settings: Settings) -> str:
    """Bring the tables up to date; the answer is the revision."""
    with alone(Home.at(settings.home).make(), "migrations"):
        return migrate.upgrade(databases.business_url(settings))


def _start_embedded(settings: Settings) -> None:
    home = Home.at(settings.home).make()
    if str(home.root) in _in_use:
        return
    server = EmbeddedPostgres(home)
    server.register()
    _in_use[str(home.root)] = server
    atexit.register(_leave, server)
    server.ensure_running()
    databases.create_databases(settings)


def _leave(server: EmbeddedPostgres) -> None:
    if _in_use.pop(str(server.home.root), None) and server.home.users.exists():
        server.unregister()
        server.stop_if_unused()


def _must_answer(url: str) -> None:
    try:
        psycopg2.connect(databases.plain(url), connect_timeout=10).close()
    except psycopg2.OperationalError as refused:
        where = make_url(url)
        raise PartFailed(
            f"连不上数据库 {where.host}/{where.database}，请检查 WUYE_DATABASE_URL 和网络。"
        ) from refused
