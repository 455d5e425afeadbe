"""The list of meters with what they last said, and who still has to be read this month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, Text, cast, func, select, union
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.company.model import Community
from domain.errors import NotFound
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered
from domain.meters.asking import in_use, month_of, unread, wanted_of
from domain.meters.model import Meter, MeterKind, MeterReading, ReadingKind
from domain.rooms.model import Building, Room

SORTS = {
    "room": (Meter.community_id, Meter.room_code, Meter.kind),
    "serial": (Meter.serial, Meter.id),
}
ROUND = 500
"""The most meters of one building read on one page."""
_SAID = (
    select(
        array(
            [
                cast(one, Text)
                for one in (MeterReading.read_on, MeterReading.value, MeterReading.kind)
            ]
        )
    )
    .where(MeterReading.meter_id == Meter.id)
    .order_by(MeterReading.read_on.desc())
    .limit(1)
    .scalar_subquery()
)
"""Day, value and kind of the last reading: a subquery of a meter, which the database answers for
the rows of one page only.
"""
_ROWS = (
    select(
        Meter.id, Meter.serial, Meter.kind, Meter.to_on, Meter.room_id, Meter.room_code,
        Building.name, Community.name, _SAID,
    )
    .outerjoin(Building, Building.id == Meter.building_id)
    .outerjoin(Community, Community.id == Meter.community_id)
)  # fmt: skip
"""Put together once: that takes longer than asking. What is joined is joined outer, so that
counting need not look at it.
"""


class MeterNotFound(NotFound):
    """No such meter."""

    code = "meter_not_found"


@dataclass(frozen=True, slots=True)
class MeterRow:
    """A meter in the list. `read`: it was read this month; one that was taken out need not be."""

    id: int
    serial: str
    kind: MeterKind
    to_on: date | None
    room_id: int
    room_code: str
    building_name: str
    community_name: str
    read: bool
    read_on: date | None = None
    value: Decimal | None = None
    reading_kind: ReadingKind | None = None


@dataclass(frozen=True, slots=True)
class RoundRow:
    """A building with how many of its meters have not been read this month."""

    building_id: int
    building_name: str
    community_name: str
    meters: int
    missing: int


def find(session: Session, meter_id: int) -> tuple[Meter, Room]:
    """The meter and its room, or MeterNotFound."""
    found = session.execute(
        select(Meter, Room).join(Room, Room.id == Meter.room_id).where(Meter.id == meter_id)
    ).one_or_none()
    if found is None:
        raise MeterNotFound("没有找到这块表")
    return found[0], found[1]


def meters(
    session: Session, access: Access, wanted: Wanted, *, code: str | None, on: date
) -> Listed[MeterRow]:
    """One page; `code` is the room code the words may mean."""
    asked = _asked(access, wanted, code, on)
    found = listed(session, asked, wanted, sorts=SORTS, key=Meter.id)
    return found.dressed(_dressed(found.rows, on))


def everything(
    session: Session, access: Access, wanted: Wanted, *, code: str | None, on: date
) -> Sequence[MeterRow]:
    """The same meters unpaged, for an export."""
    asked = ordered(_asked(access, wanted, code, on), wanted, sorts=SORTS, key=Meter.id)
    return _dressed(session.execute(asked.limit(EXPORTED)), on)


def readings(session: Session, meter_id: int, *, limit: int) -> list[MeterReading]:
    """The newest readings of a meter, newest first."""
    return list(
        session.scalars(
            select(MeterReading)
            .where(MeterReading.meter_id == meter_id)
            .order_by(MeterReading.read_on.desc())
            .limit(limit)
        )
    )


def missing(session: Session, building_id: int, *, on: date) -> list[MeterRow]:
    """Meters in use in a building that were not read this month, by room."""
    rows = session.execute(
        _ROWS.where(Meter.building_id == building_id, in_use(on), unread(on))
        .order_by(func.length(Meter.room_code), Meter.room_code, Meter.kind, Meter.id)
        .limit(ROUND)
    )
    return _dressed(rows, on)


def rounds(session: Session, access: Access, *, on: date) -> list[RoundRow]:
    """Buildings with meters where a colleague may enter readings, most to do first."""
    missing = func.count().filter(unread(on)).label("missing")
    each = (
        select(Meter.building_id, func.count().label("meters"), missing)
        .where(in_use(on), access.where("meters.edit", Meter.community_id, Meter.building_id))
        .group_by(Meter.building_id)
        .subquery("each")
    )
    rows = session.execute(
        select(Building.id, Building.name, Community.name, each.c.meters, each.c.missing)
        .join(each, each.c.building_id == Building.id)
        .join(Community, Community.id == Building.community_id)
        .order_by(each.c.missing.desc(), Community.name, func.length(Building.code), Building.code)
    )
    return [RoundRow(*row) for row in rows]


def _dressed(rows: Iterable[Any], on: date) -> list[MeterRow]:
    """The rows with what each meter last said, and whether that was this month."""
    return [MeterRow(*row, *_read_as(said, on)) for *row, said in rows]


def _read_as(said: Sequence[str] | None, on: date) -> tuple[Any, ...]:
    """Whether the last reading is this month's; its day, value and kind."""
    if said is None:
        return (False,)
    read_on = date.fromisoformat(said[0])
    return read_on >= month_of(on), read_on, Decimal(said[1]), ReadingKind(said[2])


def _asked(access: Access, wanted: Wanted, code: str | None, on: date) -> Select[Any]:
    asked = _ROWS.where(*wanted_of(access, wanted, on))
    return asked.where(Meter.id.in_(_meant(wanted.words, code))) if wanted.words else asked


def _meant(words: str, code: str | None) -> Any:
    """Ids of meters the words may mean; a union, because each part has an index of its own."""
    begins = Room.code.startswith(words, autoescape=True)
    rooms = begins | (Room.code == code) | (Room.door == words)
    return union(
        select(Meter.id).where(Meter.serial.startswith(words, autoescape=True)),
        select(Meter.id).join(Room, Room.id == Meter.room_id).where(rooms),
    )
