"""One room as the desk sees it: who lives there, what it is charged, its meters and latest bills."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillStatus
from domain.bills.reading import BillRow
from domain.fees.model import FeeItem, RoomCharge
from domain.meters.model import Meter, MeterKind, MeterReading
from domain.people.model import Person
from domain.rooms.model import Room


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
    rows = session.execute(
        select(
            RoomCharge.id, FeeItem.id, FeeItem.name, RoomCharge.label, RoomCharge.quantity,
            RoomCharge.unit_price, RoomCharge.amount_fen, RoomCharge.from_on, RoomCharge.to_on,
        )
        .join(FeeItem, FeeItem.id == RoomCharge.fee_item_id)
        .where(RoomCharge.room_id == room_id, RoomCharge.to_on.is_(None) | (RoomCharge.to_on > on))
        .order_by(FeeItem.id, RoomCharge.label, RoomCharge.from_on)
    )  # fmt: skip
    return [ChargeOf(*row) for row in rows]


def meters(session: Session, room_id: int) -> list[MeterOf]:
    """Every meter, those in use first, with its latest reading."""
    last: Any = (
        select(MeterReading.read_on, MeterReading.value)
        .where(MeterReading.meter_id == Meter.id)
        .order_by(MeterReading.read_on.desc())
        .limit(1)
        .lateral()
    )
    rows = session.execute(
        select(Meter.id, Meter.kind, Meter.serial, Meter.to_on, last.c.read_on, last.c.value)
        .outerjoin(last, Meter.id.is_not(None))
        .where(Meter.room_id == room_id)
        .order_by(Meter.to_on.is_not(None), Meter.kind, Meter.id)
    )
    return [MeterOf(*row) for row in rows]


def bills(session: Session, room_id: int, *, limit: int) -> list[BillRow]:
    """The newest bills of the room, whoever pays them; drafts are not bills yet."""
    rows = session.execute(
        select(
            Bill.id, Bill.no, Bill.community_id, Bill.room_id, Room.code, Bill.payer_id,
            Person.name, Bill.period_start, Bill.period_end, Bill.status, Bill.total_fen,
            Bill.paid_fen, Bill.due_on,
        )
        .join(Room, Room.id == Bill.room_id)
        .outerjoin(Person, Person.id == Bill.payer_id)
        .where(
            Bill.room_id == room_id,
            Bill.status.not_in([BillStatus.DRAFT, BillStatus.DISCARDED]),
        )
        .order_by(Bill.period_start.desc(), Bill.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [BillRow(*row) for row in rows]
