"""Copies of the business database with pg_dump of the wheel, and their way back."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from deployments import migrate
from deployments.stack import databases
from deployments.stack.database import ensure_database
from deployments.stack.home import Home
from deployments.stack.owner import programs
from domain import clock
from domain.errors import Conflict, Invalid
from gateway.settings import Settings


class BackupFailed(Invalid):
    """pg_dump or pg_restore refused."""

    code = "backup_failed"


class DatabaseNotEmpty(Conflict):
    """Restoring would mix two histories."""

    code = "database_not_empty"


@dataclass(frozen=True)
class Backup:
    """A finished copy: its file, size in bytes, and what it does not hold."""

    file: Path
    size: int
    reminder: str


def back_up(settings: Settings, folder: Path) -> Backup:
    """One consistent copy while everything goes on; the file appears only when it is whole."""
    url = ensure_database(settings, migrated=False)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as refused:
        raise BackupFailed(f"目录 {folder} 不能建立或写入，请换一个。") from refused
    file = folder / f"wuye-{clock.now().astimezone(clock.SHANGHAI):%Y%m%d-%H%M%S}.dump"
    draft = file.with_suffix(".part")
    _run("pg_dump", "--format=custom", "--no-owner", f"--file={draft}", databases.plain(url))
    draft.chmod(0o600)
    draft.replace(file)
    return Backup(file, file.stat().st_size, _reminder(settings))


def restore(settings: Settings, file: Path) -> str:
    """Fill an empty database from a copy, in one transaction; the answer is its revision.

    A copy made by a newer version is refused before anything is written.
    """
    if not os.path.isfile(file):  # noqa: PTH113 - unlike Path's, it answers for any name at all
        raise BackupFailed(f"找不到备份文件 {file}，请核对文件名。")
    migrate.must_know(_revision_of(file))
    url = ensure_database(settings, migrated=False)
    if _has_rows(url):
        raise DatabaseNotEmpty(
            "业务数据库里已有数据，请恢复到一个空的数据库，以免两份数据混在一起。"
        )
    options = ("--single-transaction", "--clean", "--if-exists", "--no-owner", "--exit-on-error")
    _run("pg_restore", *options, f"--dbname={databases.plain(url)}", str(file))
    return migrate.upgrade(url)


def _has_rows(url: str) -> bool:
    connection = psycopg2.connect(databases.plain(url))
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('community') IS NOT NULL")
            if not (cursor.fetchone() or (False,))[0]:
                return False
            cursor.execute("SELECT EXISTS (SELECT FROM community)")
            return bool((cursor.fetchone() or (False,))[0])
    finally:
        connection.close()


def _revision_of(file: Path) -> str | None:
    """Which revision the copy's tables are at: the only row of that table's data."""
    options = ("--data-only", "--table=alembic_version", "--file=-")
    lines = iter(_run("pg_restore", *options, str(file)).splitlines())
    begun = any(line.startswith("COPY ") for line in lines)
    return next(lines, None) if begun else None


def _run(program: str, *arguments: str) -> str:
    done = subprocess.run(
        [str(programs() / program), *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
    )
    if done.returncode:
        raise BackupFailed(f"{program} 没有成功：{done.stderr.strip()[-500:]}")
    return done.stdout


def _reminder(settings: Settings) -> str:
    if databases.is_embedded(settings):
        where = Home.at(settings.home).secrets
        return f"备份里的电话和身份证号是加密的：{where} 要另外保存，丢了就读不出来。"
    return "备份里的电话和身份证号是加密的：WUYE_DATA_KEYS 要另外保存，丢了就读不出来。"
