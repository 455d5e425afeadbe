"""Lists people page through: what was asked, and the rows of one page with their number.

A count stops at `COUNTED`, so that a list of a million bills answers as fast as one of a hundred.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, Select, SQLColumnExpression, func, select
from sqlalchemy.orm import Session

T = TypeVar("T")
U = TypeVar("U")

PAGE_ROWS = 50
COUNTED = 10_000
EXPORTED = 20_000
"""The most rows an export holds."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asked of a list. `sort` is a key of the list's sorts, `-` before it turns it.

    `filters` holds only values the list knows. `page` counts from 1.
    """

    words: str = ""
    filters: Mapping[str, str] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = PAGE_ROWS

    def filter(self, key: str) -> str:
        """A filter's value, "" where none was chosen."""
        return self.filters.get(key, "")


@dataclass(frozen=True, slots=True)
class Listed(Generic[T]):
    """One page of a list. `count` is exact unless `many`: then there are at least that many."""

    rows: Sequence[T]
    count: int
    many: bool
    page: int
    size: int

    def dressed(self, rows: Sequence[U]) -> "Listed[U]":
        """The same page with its rows as people read them."""
        return Listed(rows, self.count, self.many, self.page, self.size)

    @property
    def pages(self) -> int:
        """How many pages can be opened."""
        return max(1, -(-self.count // self.size))


Sorts = Mapping[str, Sequence[SQLColumnExpression[Any]]]


def listed(
    session: Session,
    asked: Select[Any],
    wanted: Wanted,
    *,
    sorts: Sorts,
    key: SQLColumnExpression[Any],
) -> Listed[Row[Any]]:
    """One page of a select that has no order yet. The first of `sorts` is the default order.

    `key` (unique) settles equal rows, so that no row is on two pages.
    """
    counted = session.scalar(
        select(func.count()).select_from(asked.with_only_columns(key).limit(COUNTED).subquery())
    )
    count = int(counted or 0)
    pages = max(1, -(-count // wanted.size))
    page = min(max(wanted.page, 1), pages)
    rows = session.execute(
        ordered(asked, wanted, sorts=sorts, key=key)
        .limit(wanted.size)
        .offset((page - 1) * wanted.size)
    ).all()
    return Listed(rows, count, count >= COUNTED, page, wanted.size)


def ordered(
    asked: Select[Any], wanted: Wanted, *, sorts: Sorts, key: SQLColumnExpression[Any]
) -> Select[Any]:
    """The select in the order asked for: what an export reads, up to `EXPORTED` rows."""
    name = wanted.sort.removeprefix("-")
    turned = wanted.sort.startswith("-")
    chosen = sorts[name] if name in sorts else next(iter(sorts.values()))
    turned = turned and name in sorts
    columns = [column.desc() if turned else column for column in chosen]
    return asked.order_by(*columns, key.desc() if turned else key)
