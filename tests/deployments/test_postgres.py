"""The embedded server: started, shared, killed, started again."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import psycopg2
import pytest

from deployments.stack.databases import create_databases, embedded_url, plain
from deployments.stack.ending import is_alive
from deployments.stack.errors import HomeUnusable
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
from gateway.settings import Settings


def one(home: Home, sql: str, database: str = "postgres") -> object:
    connection = psycopg2.connect(embedded_url(home, database))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return (cursor.fetchone() or (None,))[0] if cursor.description else None
    finally:
        connection.close()


@pytest.fixture(scope="module")
def untouched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server just made and started, for those who only look at it."""
    server = EmbeddedPostgres(Home.at(tmp_path_factory.mktemp("served") / "home").make())
    server.ensure_running()
    yield server
    server.stop()


def test_a_second_start_finds_the_first_and_databases_are_made_once(
    postgres: EmbeddedPostgres, home: Home, config: Settings
) -> None:
    postgres.ensure_running()
    first = postgres.postmaster()
    for _ in range(2):
        postgres.ensure_running()
        create_databases(config)
    assert postgres.postmaster() == first
    names = "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database"
    assert one(home, names) == "postgres prefect template0 template1 wuye"


def test_only_its_owner_may_enter_the_data(untouched: EmbeddedPostgres) -> None:
    assert stat.S_IMODE(untouched.home.postgres.stat().st_mode) == 0o700
    assert one(untouched.home, "SHOW listen_addresses") == ""


def test_words_sort_the_same_on_every_machine(untouched: EmbeddedPostgres) -> None:
    sql = "SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['b','B','一','a']) w"
    assert one(untouched.home, sql) == "Bab一"


def test_after_kill_9_it_starts_although_a_live_process_has_the_old_number(
    postgres: EmbeddedPostgres, home: Home
) -> None:
    postgres.ensure_running()
    one(home, "CREATE TABLE kept AS SELECT 7 AS n")
    server = postgres.postmaster()
    assert server is not None
    server.kill()
    stale = home.postgres / "postmaster.pid"
    stale.write_text("\n".join([str(os.getpid()), *stale.read_text().splitlines()[1:]]) + "\n")
    assert postgres.postmaster() is None, "this test's process is not PostgreSQL"
    postgres.ensure_running()
    assert one(home, "SELECT n FROM kept") == 7


def test_a_path_too_long_for_sockets_is_no_obstacle(tmp_path: Path) -> None:
    deep = Home.at(tmp_path / ("long-" * 12) / ("name-" * 12)).make()
    server = EmbeddedPostgres(deep)
    try:
        server.ensure_running()
        assert one(deep, "SELECT 1") == 1
    finally:
        server.stop()


STRICT = """
import os, sys
os.umask(0o077)
from pathlib import Path
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
server = EmbeddedPostgres(Home.at(Path(sys.argv[1])).make())
server.ensure_running()
server.stop()
print("ran")
"""


def test_a_strict_umask_locks_nobody_out(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STRICT, str(tmp_path / "strict" / "home")],
        cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "ran\n", done.stderr


@pytest.mark.parametrize("name", ["物业 数据", "a+b=c&d%e#f?g", "it's, mine"])
def test_a_path_of_odd_signs_is_no_obstacle(tmp_path: Path, name: str) -> None:
    home = Home.at(tmp_path / name).make()
    server = EmbeddedPostgres(home)
    try:
        server.ensure_running()
        with closing(psycopg2.connect(plain(embedded_url(home, "postgres")))) as connection:
            assert connection.info.host == str(server.sockets)
    finally:
        server.stop()


@pytest.mark.parametrize("name", ['a"b', "a$b", "a`b", "a\\b"])
def test_a_path_that_a_shell_would_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(HomeUnusable, match="换一个"):
        Home.at(tmp_path / name).make()
    assert not (tmp_path / name).exists()


def test_it_stays_while_a_process_uses_it_and_forgets_the_killed(
    postgres: EmbeddedPostgres, home: Home
) -> None:
    postgres.ensure_running()
    user = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    created = psutil.Process(user.pid).create_time()
    (home.users / f"{user.pid}-{created:.2f}").touch()
    (home.users / f"{os.getpid()}-1.00").touch()  # somebody else once had our number
    postgres.stop_if_unused()
    assert postgres.postmaster() is not None
    user.kill()
    user.communicate()
    postgres.stop_if_unused()
    assert postgres.postmaster() is None


ONE_COMMAND = """
import sys
from pathlib import Path
from deployments.stack.database import ensure_database
from gateway.settings import Settings
print(ensure_database(Settings(home=Path(sys.argv[1])), migrated=False))
"""


def test_a_command_starts_the_server_for_itself_and_stops_it(
    home: Home, postgres: EmbeddedPostgres
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", ONE_COMMAND, str(home.root)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == embedded_url(home, "wuye")
    assert (home.postgres / "PG_VERSION").exists()
    assert postgres.postmaster() is None
    assert not any(home.users.iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for the server")
def test_started_by_root_it_runs_as_a_user_of_its_own(untouched: EmbeddedPostgres) -> None:
    server = untouched.postmaster()
    assert server is not None
    assert is_alive(server)
    assert server.uids().effective != 0
