"""Many rows at once: ids drawn ahead, rows copied in, values set. For imports and generated data."""

import io
import json
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache
from threading import RLock
from typing import Any, Protocol

from sqlalchemy import Numeric, text
from sqlalchemy.orm import Session

from domain.base import Base

BLOCK = 1_000
PIECE = 4 * 1024 * 1024
_NULL = "\0"  # PostgreSQL's texts never hold it
Texts = Mapping[str, str | None]


class IdSource(Protocol):
    """Where new rows get their ids from."""

    def next(self) -> int:
        """One id nobody else has."""
        ...


def turn(session: Session) -> RLock:
    """Held while the connection is used, where one thread plans and another one writes."""
    lock: RLock = session.info.setdefault("turn", threading.RLock())
    return lock


class Ids:
    """Fresh ids of a table, drawn from its sequence a block at a time."""

    def __init__(self, session: Session, table: str, block: int = BLOCK) -> None:
        self._session, self._table, self._block = session, table, block
        self._drawn: Iterator[int] = iter(())

    def next(self) -> int:
        """One id nobody else has."""
        found = next(self._drawn, None)
        if found is None:
            self._drawn = iter(self._draw())
            found = next(self._drawn)
        return found

    def _draw(self) -> list[int]:
        draw = text(
            f"SELECT array_agg(nextval('{self._table}_id_seq')) FROM generate_series(1, :block)"
        )
        with turn(self._session):
            drawn: list[int] = self._session.scalars(draw, {"block": self._block}).one()
            return drawn


class Invented:
    """Ids for rows that are only thought of: below zero, and no sequence moves."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """The next one down."""
        self._last -= 1
        return self._last


@dataclass(frozen=True, slots=True)
class Copy:
    """Rows ready to be copied into a table."""

    table: str
    columns: Sequence[str]
    lines: bytes

    @classmethod
    def of(cls, table: str, columns: Sequence[str], rows: Iterable[Texts]) -> "Copy":
        """Rows of texts (as `as_text` gives them; a column not named is NULL)."""
        return cls(table, columns, _lines(rows, columns).encode())

    def send(self, session: Session) -> None:
        """COPY them; in few large pieces, so that a busy interpreter is seldom waited for."""
        if not self.lines:
            return
        names = ", ".join(f'"{name}"' for name in self.columns)
        session.flush()
        cursor = session.connection().connection.cursor()
        try:
            copy = f"COPY {self.table} ({names}) FROM STDIN"
            cursor.copy_expert(copy, io.BytesIO(self.lines), PIECE)
        finally:
            cursor.close()


def set_in(session: Session, table: str, rows: Mapping[int, Texts]) -> None:
    """Set columns of many rows by id; all rows name the same columns."""
    names = list(next(iter(rows.values())))
    sets = ", ".join(f'"{name}" = new."{name}"' for name in names)
    session.execute(
        text(
            f"UPDATE {table} t SET {sets}"
            f" FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb)) new"
            " WHERE t.id = new.id"
        ),
        {"rows": json.dumps([{"id": key, **row} for key, row in rows.items()])},
    )


def as_text(table: str, column: str, value: Any) -> str | None:
    r"""A value as PostgreSQL writes it (`98.50`, `true`, `\x00`), so that texts can be compared."""
    if value is None:
        return None
    kind = value.__class__
    if kind is str:
        return str(value).replace("\0", "") if "\0" in value else value
    if kind is Decimal:
        return str(_scaled(table, column, value))
    plain = _PLAIN.get(kind) or _plain(kind)
    return plain(value)


def texts(table: str, values: Mapping[str, Any]) -> dict[str, str | None]:
    """`as_text` for a whole row. Most values are plain words, or none: those are not asked about."""
    return {
        name: value
        if value is None or (value.__class__ is str and _NULL not in value)
        else as_text(table, name, value)
        for name, value in values.items()
    }


def _plain(kind: type) -> Callable[[Any], str]:
    """How values of a kind are written, remembered: looking for it takes longer than writing one."""
    if issubclass(kind, StrEnum):
        return _PLAIN.setdefault(kind, str.__str__)
    return _PLAIN.setdefault(kind, kind.isoformat if issubclass(kind, date) else str)


_PLAIN: dict[type, Callable[[Any], str]] = {
    int: str,
    date: date.isoformat,
    bool: lambda value: "true" if value else "false",
    bytes: lambda value: "\\x" + value.hex(),
    memoryview: lambda value: "\\x" + value.hex(),
}


def _scaled(table: str, column: str, value: Decimal) -> Decimal:
    step = _step(table, column)
    return value if step is None else value.quantize(step, ROUND_HALF_UP)


@lru_cache
def _step(table: str, column: str) -> Decimal | None:
    """The smallest difference a numeric column can hold."""
    kind = Base.metadata.tables[table].c[column].type
    scale = kind.scale if isinstance(kind, Numeric) else None
    return None if scale is None else Decimal(1).scaleb(-scale)


def _lines(rows: Iterable[Texts], columns: Sequence[str]) -> str:
    """The rows as COPY reads them.

    Looked at all together, which takes a third of the time: only where some value holds what parts
    values or rows is it looked at one by one.
    """
    blank = dict.fromkeys(columns)
    table = [list({**blank, **row}.values()) for row in rows]
    words = ([_NULL if value is None else value for value in values] for values in table)
    written = "\n".join(map("\t".join, words))
    plain = (
        "\r" not in written
        and written.count("\n") == len(table) - 1
        and written.count("\t") == len(table) * (len(columns) - 1)
        and written.count(_NULL) == sum([values.count(None) for values in table])
    )
    if plain:
        written = written.replace("\\", "\\\\").replace(_NULL, "\\N")
    else:
        written = "\n".join(map("\t".join, map(_escaped, table)))
    return f"{written}\n" if table else ""


def _escaped(values: Iterable[str | None]) -> list[str]:
    return ["\\N" if value is None else _escape(value) for value in values]


def _escape(value: str) -> str:
    """What COPY would read as something else."""
    if "\\" in value:
        value = value.replace("\\", "\\\\")
    if not value.isprintable():
        value = value.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    return value
