"""Many rows at once: ids drawn ahead, rows copied in. For imports and generated data."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, text
from sqlalchemy.orm import Session

from domain.base import Base

BLOCK = 1_000


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


def copy_in(session: Session, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """COPY rows (all with the same keys, values as `as_text` gives them) into a table."""
    if not rows:
        return
    columns = list(rows[0])
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([_csv(row[name]) for name in columns] for row in rows)
    buffer.seek(0)
    names = ", ".join(f'"{name}"' for name in columns)
    cursor = session.connection().connection.cursor()
    try:
        cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN (FORMAT csv, NULL '\\N')", buffer)
    finally:
        cursor.close()


def as_text(table: str, column: str, value: Any) -> str | None:
    """A value as PostgreSQL writes it (`98.50`, `true`, `\\x00`), so that texts can be compared."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | memoryview):
        return "\\x" + bytes(value).hex()
    if isinstance(value, Decimal):
        kind = Base.metadata.tables[table].c[column].type
        scale = kind.scale if isinstance(kind, Numeric) else None
        return str(value if scale is None else round(value, scale))
    return value.isoformat() if isinstance(value, date) else str(value)


def texts(table: str, values: Mapping[str, Any]) -> dict[str, str | None]:
    """`as_text` for a whole row."""
    return {name: as_text(table, name, value) for name, value in values.items()}


def in_blocks(things: Sequence[Any], size: int = BLOCK) -> Iterable[Sequence[Any]]:
    """The things, `size` at a time."""
    return (things[start : start + size] for start in range(0, len(things), size))


def _csv(value: str | None) -> str:
    return "\\N" if value is None else value
