"""What is asked of meters: of each of them, or of how many there are (`MeterTally`) in the same words."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.access.access import Access
from domain.listing import Wanted
from domain.meters.model import Meter, MeterKind, MeterTally

Meters = type[Meter] | type[MeterTally]
Month = InstrumentedAttribute[date | None]
MANY = func.sum(MeterTally.meters)
"""How many there are; NULL where no row says so."""


def month_of(on: date) -> date:
    """The first day of a day's month: a reading from that day on counts for the month."""
    return on.replace(day=1)


def in_use(meters: Meters, on: date) -> ColumnElement[bool]:
    """Whether meters turn on a day."""
    return (meters.from_on <= on) & (meters.to_on.is_(None) | (meters.to_on > on))


def gone(meters: Meters, on: date) -> ColumnElement[bool]:
    """Whether they do not: said so that each half has an index."""
    return (meters.to_on <= on) | (meters.from_on > on)


def unread(read: Month, on: date) -> ColumnElement[bool]:
    """Whether the last reading is not this month's."""
    return or_(read.is_(None), read < month_of(on))


def tallied(access: Access, wanted: Wanted, on: date) -> ScalarSelect[int]:
    """How many meters that is, without looking at them; words only meters themselves can answer."""
    here = wanted_of(MeterTally, MeterTally.read_in, access, wanted, on)
    return select(whole(MANY)).where(*here).scalar_subquery()


def whole(many: ColumnElement[Any]) -> ColumnElement[int]:
    """A sum as a whole number, 0 where there is none."""
    return cast(func.coalesce(many, 0), BigInteger)


def wanted_of(
    meters: Meters, read: Month, access: Access, wanted: Wanted, on: date
) -> Iterator[ColumnElement[bool]]:
    """What was asked of meters, or of their tally; `read`: day or month of the last reading."""
    yield access.where("meters.see", meters.community_id, meters.building_id)
    if community := wanted.filter("community"):
        yield meters.community_id == int(community)
    if building := wanted.filter("building"):
        yield meters.building_id == int(building)
    if kind := wanted.filter("kind"):
        yield meters.kind == MeterKind(kind).value
    state = wanted.filter("read")
    yield gone(meters, on) if state == "gone" else in_use(meters, on)
    if state == "missing":
        yield unread(read, on)
    elif state == "read":
        yield read >= month_of(on)
