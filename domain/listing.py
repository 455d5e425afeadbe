"""Lists people page through: what was asked, and the rows of one page with their number.

A count stops at `COUNTED`, so that a list of a million bills answers as fast as one of a hundred.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    BigInteger,
    ClauseElement,
    ColumnClause,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    SelectBase,
    SQLColumnExpression,
    UnaryExpression,
    any_,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.sql.operators import desc_op

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
    """One page of a list. `count` is exact unless `many`: then there are at least that many.

    `weighed`: the words of the search stand for more rooms or people than these; only so many were
    looked at, and the reader is to be told.
    """

    rows: Sequence[T]
    count: int
    many: bool
    page: int
    size: int
    weighed: int = 0

    def dressed(self, rows: Sequence[U]) -> "Listed[U]":
        """The same page with its rows as people read them."""
        return Listed(rows, self.count, self.many, self.page, self.size, self.weighed)

    @property
    def pages(self) -> int:
        """How many pages can be opened."""
        return max(1, -(-self.count // self.size))


Sorts = Mapping[str, Sequence[SQLColumnExpression[Any]]]


def among(column: SQLColumnExpression[Any], ids: Sequence[int]) -> ColumnElement[bool]:
    """Rows of these ids, however many: one parameter, where `in_` makes one of each."""
    return column == any_(literal(list(ids), ARRAY(BigInteger)))


def listed(
    session: Session,
    asked: Select[Any],
    wanted: Wanted,
    *,
    sorts: Sorts,
    key: SQLColumnExpression[Any],
    counted: Select[Any] | None = None,
    apart: bool = False,
) -> Listed[Row[Any]]:
    """One page of a select that has no order yet. The first of `sorts` is the default order.

    `key` (unique) settles equal rows, so that no row is on two pages. `counted`: as many keys, where
    they are counted more easily in some other way. `apart`: an index holds the conditions and the
    order, so it finds the keys alone.
    """
    order = _order(wanted, sorts, key)
    page = min(max(wanted.page, 1), max(1, COUNTED // wanted.size))
    start, searched = (page - 1) * wanted.size, bool(wanted.words)
    ask = _slice(asked, order, key, start=start, size=wanted.size, apart=apart or searched)
    some = _some(_alone(asked, key) if counted is None else counted)
    rows, count = _with_count(session, ask, some)
    if rows or page == 1:
        return Listed(rows, count, count >= COUNTED, page, wanted.size)
    last = max(1, -(-(session.scalar(some) or 0) // wanted.size))
    there = replace(wanted, page=min(last, page - 1))
    return listed(session, asked, there, sorts=sorts, key=key, counted=counted, apart=apart)


def _with_count(
    session: Session, ask: Select[Any], some: Select[Any]
) -> tuple[Sequence[Row[Any]], int]:
    """The rows of a page, and how many there are in all (0 where the page has none): one question,
    for each takes longer to put than to answer.
    """
    answer = session.execute(ask.add_columns(some.scalar_subquery())).freeze()
    shown = answer().columns(*range(len(answer.metadata.keys) - 1))
    return shown.all(), answer.data[0][-1] if answer.data else 0


def counted_up(session: Session, asked: Select[Any], key: SQLColumnExpression[Any]) -> int:
    """How many rows a select has, up to `COUNTED`."""
    return session.scalar(_some(_alone(asked, key))) or 0


def _some(keys: Select[Any]) -> Select[tuple[int]]:
    return select(func.count()).select_from(keys.limit(COUNTED).subquery())


def sliced(
    session: Session,
    asked: Select[Any],
    order: Sequence[SQLColumnExpression[Any]],
    key: SQLColumnExpression[Any],
    *,
    start: int,
    size: int,
) -> Sequence[Row[Any]]:
    """Some rows of a select in an order an index has."""
    return session.execute(_slice(asked, order, key, start=start, size=size, apart=False)).all()


def _slice(
    asked: Select[Any],
    order: Sequence[SQLColumnExpression[Any]],
    key: SQLColumnExpression[Any],
    *,
    start: int,
    size: int,
    apart: bool,
) -> Select[Any]:
    """Of rows that are skipped only the keys are looked at.

    `apart`: of all others too, because no index has them in this order. The keys become an array: as
    a set the database may join them last, to all that it has put together for rows not shown.
    """
    if start or apart:
        keys = _alone(asked, key, order).order_by(*order).limit(size).offset(start)
        asked = asked.where(key == any_(func.array(keys.scalar_subquery())))
    return asked.order_by(*order).limit(size)


def _alone(
    asked: Select[Any],
    key: SQLColumnExpression[Any],
    order: Sequence[SQLColumnExpression[Any]] = (),
) -> Select[Any]:
    """The keys of a select without what is joined only to be shown, where conditions and order do
    without it too: an index then answers alone.
    """
    needed = [key, *order, *(() if asked.whereclause is None else (asked.whereclause,))]
    if len(set(_tables(needed))) > 1:
        return asked.with_only_columns(key)
    lean = select(key)
    return lean if asked.whereclause is None else lean.where(asked.whereclause)


def _tables(parts: Iterable[ClauseElement]) -> Iterator[str]:
    """Names of the tables that expressions need beside them; a subquery brings its own."""
    for one in parts:
        if isinstance(one, ColumnClause):
            yield one.table.description if one.table is not None else ""
        elif not isinstance(one, SelectBase | ScalarSelect):
            yield from _tables(one.get_children())


def ordered(
    asked: Select[Any], wanted: Wanted, *, sorts: Sorts, key: SQLColumnExpression[Any]
) -> Select[Any]:
    """The select in the order asked for: what an export reads, up to `EXPORTED` rows."""
    return asked.order_by(*_order(wanted, sorts, key))


def _order(
    wanted: Wanted, sorts: Sorts, key: SQLColumnExpression[Any]
) -> Sequence[SQLColumnExpression[Any]]:
    name = wanted.sort.removeprefix("-")
    chosen = sorts[name] if name in sorts else next(iter(sorts.values()))
    turned = wanted.sort.startswith("-") and name in sorts
    return [_turned(column) if turned else column for column in (*chosen, key)]


def _turned(column: SQLColumnExpression[Any]) -> SQLColumnExpression[Any]:
    """The other way round, also where a list begins with the last."""
    if isinstance(column, UnaryExpression) and column.modifier is desc_op:
        return column.element
    return column.desc()
