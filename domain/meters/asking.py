"""What is asked of meters: where they are, whether they turn, whether they were read this month."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement

from domain.access.access import Access
from domain.listing import Wanted
from domain.meters.model import Meter, MeterKind


def month_of(on: date) -> date:
    """The first day of a day's month: a reading from that day on counts for the month."""
    return on.replace(day=1)


def in_use(on: date) -> ColumnElement[bool]:
    """Whether a meter turns on a day."""
    return (Meter.from_on <= on) & (Meter.to_on.is_(None) | (Meter.to_on > on))


def gone(on: date) -> ColumnElement[bool]:
    """Whether it does not: said so that each half has an index."""
    return (Meter.to_on <= on) | (Meter.from_on > on)


def unread(on: date) -> ColumnElement[bool]:
    """Whether the last reading is not this month's."""
    return Meter.last_read_on.is_(None) | (Meter.last_read_on < month_of(on))


def wanted_of(access: Access, wanted: Wanted, on: date) -> Iterator[ColumnElement[bool]]:
    """What was asked of meters, but for words."""
    yield access.where("meters.see", Meter.community_id, Meter.building_id)
    if community := wanted.filter("community"):
        yield Meter.community_id == int(community)
    if building := wanted.filter("building"):
        yield Meter.building_id == int(building)
    if kind := wanted.filter("kind"):
        yield Meter.kind == MeterKind(kind)
    state = wanted.filter("read")
    yield gone(on) if state == "gone" else in_use(on)
    if state == "missing":
        yield unread(on)
    elif state == "read":
        yield Meter.last_read_on >= month_of(on)
