"""A statement in the making: bound values, and the CTEs its parts ask for, each made once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from domain.fees.calc.periods import Span

RUN, COMMUNITY, BUILDING, FIRST_ROOM, LAST_ROOM = (f"${n}" for n in range(1, 6))
"""What the statement is told when it runs: which rooms of which run. All bigint; LAST_ROOM is included."""


@dataclass(slots=True)
class Build:
    """Collects what a statement is made of. No value ever becomes text of the statement."""

    month: Span
    values: dict[str, Any] = field(default_factory=dict)
    ctes: dict[str, str] = field(default_factory=dict)
    _names: dict[tuple[str, Any], str] = field(default_factory=dict)

    def bind(self, value: Any, kind: str) -> str:
        """SQL of a bound value of a PostgreSQL type."""
        name = self._names.setdefault((kind, value), f"v{len(self._names)}")
        self.values[name] = value
        return f"CAST(:{name} AS {kind})"

    def day(self, value: date) -> str:
        return self.bind(value, "date")

    def whole(self, value: int | None) -> str:
        return self.bind(value, "bigint")

    def number(self, value: Decimal | None) -> str:
        return self.bind(value, "numeric")

    def words(self, value: str | None) -> str:
        return self.bind(value, "text")

    def rows(self, columns: Mapping[str, str], rows: Iterable[Sequence[Any]], name: str) -> str:
        """`(VALUES ...) AS name(columns)`; `columns` maps names to types."""
        told = (
            f"({', '.join(self.bind(v, kind) for v, kind in zip(row, columns.values(), strict=True))})"
            for row in rows
        )
        return f"(VALUES {', '.join(told)}) AS {name}({', '.join(columns)})"

    def cte(self, name: str, sql: str) -> str:
        """Put a CTE before the ones that will use it; its name. The same name again changes nothing."""
        self.ctes.setdefault(name, sql)
        return name

    def near(self, column: str) -> str:
        """A range condition on room ids: lets an index find the part's rows without a join."""
        return f"{column} BETWEEN {FIRST_ROOM} AND {LAST_ROOM}"
