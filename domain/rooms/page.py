"""One room as the desk sees it: what it is charged, and its meters."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.fees.model import FeeItem, RoomCharge
from domain.meters.model import Meter, MeterKind, MeterReading

# Put together once: that takes longer than asking.
_CHARGES = (
    select(
        RoomCharge.id, FeeItem.id, FeeItem.name, RoomCharge.label, RoomCharge.quantity,
        RoomCharge.unit_price, RoomCharge.amount_fen, RoomCharge.from_on, RoomCharge.to_on,
    )
    .join(FeeItem, FeeItem.id == RoomCharge.fee_item_id)
    .where(
        RoomCharge.room_id == bindparam("room_id"),
        RoomCharge.to_on.is_(None) | (RoomCharge.to_on > bindparam("on")),
    )
    .order_by(FeeItem.id, RoomCharge.label, RoomCharge.from_on)
)  # fmt: skip
_LAST: Any = (
    select(MeterReading.read_on, MeterReading.value)
    .where(MeterReading.meter_id == Meter.id)
    .order_by(MeterReading.read_on.desc())
    .limit(1)
    .lateral()
)
_METERS = (
    select(Meter.id, Meter.kind, Meter.serial, Meter.to_on, _LAST.c.read_on, _LAST.c.value)
    .outerjoin(_LAST, Meter.id.is_not(None))
    .where(Meter.room_id == bindparam("room_id"))
    .order_by(Meter.to_on.is_not(None), Meter.kind, Meter.id)
)


@dataclass(frozen=True, slots=True)
class ChargeOf:
    """Something this room pays beside what its kind pays."""

    id: int
    fee_id: int
    fee_name: str
    label: str | None
    quantity: Decimal
    unit_price: Decimal | None
    amount_fen: int | None
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class MeterOf:
    """A meter of this room with what it last said."""

    id: int
    kind: MeterKind
    serial: str
    to_on: date | None
    read_on: date | None
    value: Decimal | None


def charges(session: Session, room_id: int, *, on: date) -> list[ChargeOf]:
    """What holds on a day or later."""
    rows = session.execute(_CHARGES, {"room_id": room_id, "on": on})
    return [ChargeOf(*row) for row in rows]


def meters(session: Session, room_id: int) -> list[MeterOf]:
    """Every meter, those in use first, with its latest reading."""
    rows = session.execute(_METERS, {"room_id": room_id})
    return [MeterOf(*row) for row in rows]
