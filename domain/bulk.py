"""Many rows at once: ids drawn ahead, rows copied in, values set. For imports and generated data."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

from sqlalchemy import Numeric, text
from sqlalchemy.orm import Session

from domain.base import Base

BLOCK = 1_000
Texts = Mapping[str, str | None]

_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class IdSource(Protocol):
    """Where new rows get their ids from."""

    def next(self) -> int:
        """One id nobody else has."""
        ...


class Ids:
    """Fresh ids of a table, drawn from its sequence a block at a time."""

    def __init__(self, session: Session, table: str) -> None:
        self._session, self._table = session, table
        self._drawn: Iterator[int] = iter(())

    def next(self) -> int:
        """One id nobody else has."""
        found = next(self._drawn, None)
        if found is None:
            rows = self._session.execute(
                text(
                    "SELECT nextval(pg_get_serial_sequence(:table, 'id'))"
                    " FROM generate_series(1, :block)"
                ),
                {"table": self._table, "block": BLOCK},
            )
            self._drawn = iter([int(row[0]) for row in rows])
            found = next(self._drawn)
        return found


class Invented:
    """Ids for rows that are only thought of: below zero, and no sequence moves."""

    def __init__(self) -> None:
        self._last = 0

    def next(self) -> int:
        """The next one down."""
        self._last -= 1
        return self._last


def copy_in(session: Session, table: str, columns: Sequence[str], rows: Iterable[Texts]) -> None:
    """COPY rows (values as `as_text` gives them; a column not named is NULL) into a table."""
    lines = io.StringIO("".join(_line(row, columns) for row in rows))
    names = ", ".join(f'"{name}"' for name in columns)
    session.flush()
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", lines)
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
    if value is None or isinstance(value, bool):
        return None if value is None else str(value).lower()
    if isinstance(value, str):
        return value.replace("\0", "")
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, Decimal):
        return str(_scaled(table, column, value))
    return value.isoformat() if isinstance(value, date) else str(value)


def texts(table: str, values: Mapping[str, Any]) -> dict[str, str | None]:
    """`as_text` for a whole row."""
    return {name: as_text(table, name, value) for name, value in values.items()}


def _scaled(table: str, column: str, value: Decimal) -> Decimal:
    kind = Base.metadata.tables[table].c[column].type
    if not isinstance(kind, Numeric) or kind.scale is None:
        return value
    return value.quantize(Decimal(1).scaleb(-kind.scale), ROUND_HALF_UP)


def _line(row: Texts, columns: Sequence[str]) -> str:
    values = (row.get(name) for name in columns)
    return "\t".join("\\N" if v is None else v.translate(_ESCAPES) for v in values) + "\n"
