"""One SQLite file holds everything the sandbox must remember.

Handlers run on one event loop and never await inside a transaction, so one connection needs no
lock. WAL with synchronous=NORMAL survives a killed process; only a power cut may lose the tail.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gateway.sandbox.schema import LATER_COLUMNS, ROOT, SCHEMA

Row = sqlite3.Row


class Store:
    """A typed handful of queries over the connection."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "sandbox.sqlite3", isolation_level=None)
        self.db.row_factory = sqlite3.Row
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)
        self.catch_up()
        self.db.executescript(ROOT)

    def catch_up(self) -> None:
        """Give the tables of an earlier version the columns they lack."""
        for table, column, kind in LATER_COLUMNS:
            if not self.value("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", table, column):
                self.run(f"ALTER TABLE {table} ADD COLUMN {column} {kind}")
                if column in ("status", "seeded_status"):
                    self.run(f"UPDATE staff SET {column} = 5 WHERE NOT active")

    def all(self, sql: str, *args: Any) -> list[Row]:
        """Every row."""
        return self.db.execute(sql, args).fetchall()

    def one(self, sql: str, *args: Any) -> Row | None:
        """The first row, or None."""
        row: Row | None = self.db.execute(sql, args).fetchone()
        return row

    def value(self, sql: str, *args: Any) -> Any:
        """The first column of the first row, or None."""
        row = self.one(sql, *args)
        return None if row is None else row[0]

    def run(self, sql: str, *args: Any) -> int:
        """Change rows; how many."""
        return self.db.execute(sql, args).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """The same change for many rows."""
        self.db.executemany(sql, rows)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """All or nothing. Never await inside."""
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def recall(self, key: str) -> str | None:
        """A remembered fact such as `corp_id`."""
        value: str | None = self.value("SELECT value FROM fact WHERE key = ?", key)
        return value

    def remember(self, key: str, value: str) -> None:
        """Keep a fact over restarts."""
        self.run("INSERT OR REPLACE INTO fact (key, value) VALUES (?, ?)", key, value)

    @property
    def changes(self) -> int:
        """How many rows were written since the start."""
        return self.db.total_changes


def marks(values: Sequence[Any]) -> str:
    """As many question marks as values, for an IN list."""
    return ",".join("?" * len(values))
