"""Our database, for any command: there, started if it is the embedded one, and up to date."""

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg2

from deployments.stack import databases
from deployments.stack.environment import PROJECT
from deployments.stack.errors import DatabaseBehind, PartFailed, Relayed
from deployments.stack.home import Home, alone
from deployments.stack.postgres import EmbeddedPostgres
from gateway.settings import Settings

_in_use: dict[str, EmbeddedPostgres] = {}


def ensure_database(settings: Settings, *, migrated: bool = True) -> str:
    """The `postgresql://` URL of our database, which answers when this returns.

    The embedded server is started if need be, and stopped when the last process that asked for
    it has ended. Its tables are brought up to date; an external database is only checked
    (`DatabaseBehind`), because upgrading it is a decision: `wuye db upgrade`. One that a newer
    version has upgraded is left alone (`DatabaseNewer`).
    """
    from deployments import migrate

    url = databases.business_url(settings)
    if databases.is_embedded(settings):
        _start_embedded(settings)
    else:
        _must_answer(settings)
    if migrated and not migrate.is_current(url):
        migrate.must_know(migrate.current(url))
        if not databases.is_embedded(settings):
            raise DatabaseBehind("数据库的表结构不是这个版本的，请先备份，再运行 wuye db upgrade。")
        upgrade(settings)
    return url


def upgrade(settings: Settings) -> str:
    """Bring the tables up to date; the answer is the revision."""
    from deployments import migrate

    with alone(Home.at(settings.home).make(), "migrations"):
        return migrate.upgrade(databases.business_url(settings))


def upgrade_apart(environment: Mapping[str, str]) -> None:
    """The same as a command of its own, for a process that lives on.

    What migrations import, all of the model, would else stay in its memory for ever.
    """
    done = subprocess.run(
        [sys.executable, "-m", "deployments.cli", "db", "upgrade", "--json"],
        cwd=PROJECT,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,  # Ctrl-C reaches the caller, which ends this
        text=True,
        check=False,
    )
    if not done.returncode:
        return
    try:
        refused = json.loads(done.stdout)["error"]
    except ValueError:
        raise PartFailed(f"数据库没有升级成功：\n{done.stderr[-2000:]}", part="db") from None
    raise Relayed(refused["message"], code=refused["code"])


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


def _must_answer(settings: Settings) -> None:
    where = databases.external(settings)
    try:
        psycopg2.connect(
            databases.plain(databases.business_url(settings)), connect_timeout=10
        ).close()
    except psycopg2.OperationalError as refused:
        raise PartFailed(
            f"连不上数据库 {where.host}/{where.database}，请检查 WUYE_DATABASE_URL 和网络。"
        ) from refused
