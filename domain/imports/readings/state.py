"""Meters of a community and the readings around those of a sheet."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills.model import BillLine
from domain.meters.model import Meter, MeterKind, MeterReading, ReadingKind
from domain.rooms.model import Room


@dataclass(slots=True)
class KnownReading:
    """One reading; `sheet_row` where this sheet has said it."""

    id: int
    value: Decimal
    kind: ReadingKind
    rolled_over: bool
    sheet_row: int | None = None


@dataclass(slots=True)
class KnownMeter:
    """One device with its readings by day. `made`: by this very sheet."""

    id: int
    room_id: int
    kind: MeterKind
    serial: str
    digits: int
    multiplier: Decimal
    from_on: date
    to_on: date | None
    made: bool = False
    readings: dict[date, KnownReading] = field(default_factory=dict)
    days: list[date] = field(default_factory=list)

    def add(self, on: date, reading: KnownReading) -> None:
        """A reading of a day that had none."""
        self.readings[on] = reading
        insort(self.days, on)

    def before(self, on: date) -> tuple[date, KnownReading] | None:
        """The latest reading of an earlier day."""
        at = bisect_left(self.days, on)
        return (self.days[at - 1], self.readings[self.days[at - 1]]) if at else None

    def after(self, on: date) -> KnownReading | None:
        """The first reading of a later day."""
        at = bisect_left(self.days, on)
        at += at < len(self.days) and self.days[at] == on
        return self.readings[self.days[at]] if at < len(self.days) else None


@dataclass(slots=True)
class Meters:
    """All meters by serial and by room and kind."""

    by_serial: dict[str, KnownMeter] = field(default_factory=dict)
    by_room: dict[tuple[int, MeterKind], list[KnownMeter]] = field(default_factory=dict)

    def add(self, meter: KnownMeter) -> None:
        """Make a meter findable."""
        self.by_serial[meter.serial] = meter
        self.by_room.setdefault((meter.room_id, meter.kind), []).append(meter)


def load(session: Session, community_id: int, *, since: date) -> Meters:
    """Meters with their readings from a day on, and the last one before it."""
    meters, by_id = Meters(), {}
    for row in session.execute(
        select(
            Meter.id, Meter.room_id, Meter.kind, Meter.serial, Meter.digits, Meter.multiplier,
            Meter.from_on, Meter.to_on,
        )
        .where(Meter.community_id == community_id)
        .order_by(Meter.id)
    ):  # fmt: skip
        by_id[row.id] = KnownMeter(*row)
        meters.add(by_id[row.id])
    for row in _readings(session, community_id, since):
        by_id[row.meter_id].add(
            row.read_on, KnownReading(row.id, row.value, row.kind, row.rolled_over)
        )
    return meters


def _readings(session: Session, community_id: int, since: date) -> Any:
    last = (
        select(MeterReading.meter_id, func.max(MeterReading.read_on).label("read_on"))
        .join(Meter, Meter.id == MeterReading.meter_id)
        .where(Meter.community_id == community_id, MeterReading.read_on < since)
        .group_by(MeterReading.meter_id)
        .subquery()
    )
    return session.execute(
        select(
            MeterReading.meter_id, MeterReading.id, MeterReading.read_on, MeterReading.value,
            MeterReading.kind, MeterReading.rolled_over,
        )
        .join(Meter, Meter.id == MeterReading.meter_id)
        .outerjoin(last, last.c.meter_id == MeterReading.meter_id)
        .where(
            Meter.community_id == community_id,
            MeterReading.read_on >= func.coalesce(last.c.read_on, since),
        )
    )  # fmt: skip


def billed(session: Session, community_id: int) -> set[tuple[int, date]]:
    """(meter, day) of every reading a live bill line begins or ends with."""
    rows = session.execute(
        select(BillLine.detail["meters"])
        .join(Room, Room.id == BillLine.room_id)
        .where(Room.community_id == community_id, BillLine.live, BillLine.detail.has_key("meters"))
    )
    return {
        (int(meter["id"]), date.fromisoformat(meter[end]))
        for (meters,) in rows
        for meter in meters
        for end in ("first_on", "last_on")
        if meter.get(end)
    }
