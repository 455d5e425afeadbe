"""换表: the old meter closes with a reading, the new one opens with another, on the same day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain import clock
from domain.checked import text
from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.meters import reading
from domain.meters.model import Meter, MeterReading, ReadingKind
from domain.meters.reading import ReadingFacts

DIGITS = range(3, 13)
MOST = Decimal(100_000)


class SerialTaken(Conflict):
    """Another meter of the community has this number."""

    code = "serial_taken"


class MeterGone(Conflict):
    """The meter was taken out already."""

    code = "meter_gone"


@dataclass(frozen=True, slots=True)
class SwapFacts:
    """The day of the swap, what the old dial said last, and the new device."""

    on: date
    closing: Decimal
    serial: str
    opening: Decimal = Decimal(0)
    multiplier: Decimal = Decimal(1)
    digits: int = 6
    rolled_over: bool = False


def swap(session: Session, meter: Meter, facts: SwapFacts, *, by: Actor, at: datetime) -> Meter:
    """The new meter in the old one's place; nothing that was used is lost between them."""
    session.refresh(meter, with_for_update=True)
    if meter.to_on is not None:
        raise MeterGone("这块表已经拆下了，请刷新页面")
    if facts.on <= meter.from_on:
        raise Invalid("换表日期要晚于这块表装上的日期")
    check_device(facts.opening, facts.multiplier, facts.digits)
    closing = ReadingFacts(facts.on, facts.closing, ReadingKind.CLOSING, facts.rolled_over)
    _no_later(session, meter, facts.on)
    reading.put(session, meter, closing, today=clock.local_day(at))
    meter.to_on = facts.on
    new = Meter(
        community_id=meter.community_id, room_id=meter.room_id, kind=meter.kind,
        serial=text(facts.serial, "新表表号", most=40), multiplier=facts.multiplier,
        digits=facts.digits, from_on=facts.on,
    )  # fmt: skip
    put_up(session, new, facts.opening)
    audit.record(
        session, "meter.swap", subject="meter", subject_id=meter.id, by=by, at=at,
        new=new.id, on=facts.on.isoformat(), closing=str(facts.closing),
    )  # fmt: skip
    return new


def put_up(session: Session, new: Meter, opening: Decimal) -> None:
    """A meter with the reading it begins with. Refuses a serial that another one has."""
    try:
        with session.begin_nested():
            session.add(new)
            session.flush()
    except IntegrityError as error:
        raise SerialTaken("这个表号已经登记在这个小区的另一块表上，请核对") from error
    session.add(
        MeterReading(meter_id=new.id, read_on=new.from_on, value=opening, kind=ReadingKind.OPENING)
    )
    session.flush()


def check_device(opening: Decimal, multiplier: Decimal, digits: int) -> None:
    """Refuse a device that cannot be, and an opening reading its dial cannot show."""
    if digits not in DIGITS:
        raise Invalid("表的整数位数应在 3 到 12 之间")
    if not 0 < multiplier <= MOST or multiplier != round(multiplier, 4):
        raise Invalid("倍率应大于 0，最多四位小数")
    reading.check_value(opening, digits)


def _no_later(session: Session, meter: Meter, on: date) -> None:
    later = select(MeterReading.id).where(
        MeterReading.meter_id == meter.id, MeterReading.read_on > on
    )
    if session.scalar(later.limit(1)) is not None:
        raise Invalid("换表日期以后还有这块表的读数，请核对日期")
