"""What a list is asked for, put so that the database answers soon however much there is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.listing import EXPORTED, Listed, Sorts, Wanted, listed, ordered

Columns = Mapping[str, Sequence[InstrumentedAttribute[Any]]]


@dataclass(frozen=True, slots=True)
class Question:
    """Rows without an order, the orders they can have, their key; the rest is as in `listed`."""

    rows: Select[Any]
    sorts: Sorts
    key: ColumnElement[int]
    counted: Select[Any] | None = None
    apart: bool = False

    def page(self, session: Session, wanted: Wanted) -> Listed[Row[Any]]:
        """One page."""
        return listed(
            session, self.rows, wanted,
            sorts=self.sorts, key=self.key, counted=self.counted, apart=self.apart,
        )  # fmt: skip

    def everything(self, session: Session, wanted: Wanted) -> Sequence[Row[Any]]:
        """All of them, as far as an export goes."""
        every = ordered(self.rows, wanted, sorts=self.sorts, key=self.key)
        return session.execute(every.limit(EXPORTED)).all()


def found_once(
    rows: Select[Any],
    where: Sequence[ColumnElement[bool]],
    sorts: Columns,
    key: InstrumentedAttribute[int],
) -> Question:
    """Those of `rows` for which `where` holds: their keys and what puts them in order stand aside.

    Number, order and page of a search are then told from what was found, not each found anew.
    `where` and `sorts` know the table of the key only.
    """
    columns = {column.key: column for some in sorts.values() for column in some}
    found = select(key, *columns.values()).where(*where).cte("found")
    aside = {name: [found.c[column.key] for column in some] for name, some in sorts.items()}
    return Question(rows.join(found, found.c.id == key), aside, found.c.id, apart=True)
