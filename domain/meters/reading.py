"""What a dial said, entered at the desk: refused where it cannot have turned so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from domain import clock
from domain.bills.model import BillLine
from domain.errors import Conflict, Invalid
from domain.fees.calc.meters import MeterSpan, Reading, use_of
from domain.fees.calc.problems import LineProblem
from domain.history import audit
from domain.history.actor import Actor
from domain.meters.model import Meter, MeterReading, ReadingKind


class ReadingInvalid(Invalid):
    """A value the dial cannot show, or a day on which the meter was not there."""

    code = "reading_invalid"


class ReadingLower(Invalid):
    """The dial would have turned backwards."""

    code = "reading_turns_back"


class ReadingBilled(Conflict):
    """The reading of this day stands in a bill."""

    code = "reading_in_bill"


@dataclass(frozen=True, slots=True)
class ReadingFacts:
    """What the dial said at the start of a day. `rolled_over`: it passed zero since the last one."""

    read_on: date
    value: Decimal
    kind: ReadingKind = ReadingKind.ACTUAL
    rolled_over: bool = False


def enter(
    session: Session, meter: Meter, facts: ReadingFacts, *, by: Actor, at: datetime
) -> MeterReading:
    """Enter a reading and record it; see `put`."""
    row = put(session, meter, facts, today=clock.local_day(at))
    audit.record(
        session, "meter.reading", subject="meter", subject_id=meter.id, by=by, at=at,
        read_on=facts.read_on.isoformat(), value=str(facts.value), kind=facts.kind.value,
    )  # fmt: skip
    return row


def put(session: Session, meter: Meter, facts: ReadingFacts, *, today: date) -> MeterReading:
    """The reading of a day: a new one, the same again, or a correction of one not yet billed."""
    session.refresh(meter, with_for_update=True)
    _check(meter, facts, today)
    rows = session.scalars(
        select(MeterReading).where(MeterReading.meter_id == meter.id).order_by(MeterReading.read_on)
    ).all()
    same = next((row for row in rows if row.read_on == facts.read_on), None)
    if same is not None and _says(same) == (facts.value, facts.kind, facts.rolled_over):
        return same
    if same is not None and _billed(session, meter, facts.read_on):
        raise ReadingBilled("这一天的读数已经用于账单，不能修改；请用以后的读数更正")
    _turns(meter, rows, facts)
    if same is None:
        same = MeterReading(meter_id=meter.id, read_on=facts.read_on)
    same.value, same.kind, same.rolled_over = facts.value, facts.kind, facts.rolled_over
    session.add(same)
    session.flush()
    return same


def check_value(value: Decimal, digits: int) -> None:
    """Refuse what a dial of so many whole digits cannot show."""
    if value >= Decimal(10) ** digits:
        raise ReadingInvalid(f"读数超过了表的位数（整数 {digits} 位），请核对")
    if value != round(value, 4):
        raise ReadingInvalid("读数最多四位小数")


def _check(meter: Meter, facts: ReadingFacts, today: date) -> None:
    check_value(facts.value, meter.digits)
    if facts.read_on > today:
        raise ReadingInvalid("抄表日期还没有到，请核对")
    if facts.read_on < meter.from_on or (meter.to_on and facts.read_on > meter.to_on):
        raise ReadingInvalid("抄表日期不在这块表的使用期间内，请核对")


def _turns(meter: Meter, rows: Sequence[MeterReading], facts: ReadingFacts) -> None:
    """From the reading before to this one, and on to the next, the dial must have turned on."""
    this = Reading(facts.value, facts.kind is ReadingKind.ESTIMATED, facts.rolled_over)
    earlier = [row for row in rows if row.read_on < facts.read_on][-1:]
    later = [row for row in rows if row.read_on > facts.read_on][:1]
    for row in earlier:
        if not _possible(meter, _dial(row), this):
            raise ReadingLower(
                f"比 {row.read_on.month}月{row.read_on.day}日的读数 {row.value.normalize():f} 小，"
                "请核对；表走满归零的请勾选“归零”"
            )
    for row in later:
        if not _possible(meter, this, _dial(row)):
            raise ReadingLower(
                f"比 {row.read_on.month}月{row.read_on.day}日的读数 {row.value.normalize():f} 大，"
                "请核对日期和读数"
            )


def _dial(row: MeterReading) -> Reading:
    return Reading(row.value, row.kind is ReadingKind.ESTIMATED, row.rolled_over)


def _possible(meter: Meter, first: Reading, last: Reading) -> bool:
    try:
        use_of(MeterSpan(first, last, meter.multiplier, meter.digits))
    except LineProblem:
        return False
    return True


def _says(row: MeterReading) -> tuple[Decimal, ReadingKind, bool]:
    return row.value, row.kind, row.rolled_over


def _billed(session: Session, meter: Meter, on: date) -> bool:
    """Whether a live line of the room begins or ends with the reading of this day."""
    told = [{"meters": [{"id": meter.id, key: on.isoformat()}]} for key in ("first_on", "last_on")]
    found = select(BillLine.id).where(
        BillLine.room_id == meter.room_id,
        BillLine.live,
        or_(*(BillLine.detail.contains(one) for one in told)),
    )
    return session.scalar(found.limit(1)) is not None
