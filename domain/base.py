"""What every table shares: naming of constraints, column types, dated rows."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Enum,
    Identity,
    LargeBinary,
    MetaData,
    Numeric,
    Table,
    Text,
    TextClause,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}

KEPT = {"kept": True}
"""`info` of a column the database keeps itself, by a trigger: nobody else writes it."""
Price = Annotated[Decimal, mapped_column(Numeric(18, 6))]
Quantity = Annotated[Decimal, mapped_column(Numeric(18, 4))]
Area = Annotated[Decimal, mapped_column(Numeric(12, 2))]
Rate = Annotated[Decimal, mapped_column(Numeric(9, 6))]


class Base(DeclarativeBase):
    """All tables: bigint identity keys, text, timestamptz, named constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        int: BigInteger,
        str: Text,
        bytes: LargeBinary,
        date: Date,
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        list[Any]: JSONB,
    }


class Keyed:
    """A surrogate key named `id`."""

    id: Mapped[int] = mapped_column(Identity(), primary_key=True)


class Dated:
    """A row that holds from `from_on` (inclusive) to `to_on` (exclusive; NULL = still)."""

    from_on: Mapped[date] = mapped_column(comment="第一天（含）")
    to_on: Mapped[date | None] = mapped_column(comment="结束日（不含）；空 = 至今")


def days_at(key: str) -> TextClause:
    """The days of a dated row as a line that stands at the number `key`: lines of one key meet where
    their days do, so an exclusion constraint holds them apart with `&&`.

    A box, because a GiST index compares four numbers in half the time it takes for a key and a
    daterange. Whole numbers up to 2^53 are exact; `key` has no lower bits to lose.
    """
    return text(
        f"box(point({key}, from_on - DATE '2000-01-01'),"
        f" point({key}, coalesce(to_on - DATE '2000-01-02', 2147483647)))"
    )


def written(table: Table) -> list[Column[Any]]:
    """The columns of a table that are written, without those the database keeps."""
    return [column for column in table.columns if "kept" not in column.info]


def stored(kind: type[StrEnum], name: str) -> Enum:
    """A column type for an enum stored by value in text, with a CHECK named `name`."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


__all__ = [
    "KEPT", "Area", "Base", "Dated", "Keyed", "Price", "Quantity", "Rate", "days_at", "stored",
    "written",
]  # fmt: skip
