"""Row by row: whose dial it is, what it said before, and what the reading would change."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal

from domain.bulk import IdSource
from domain.fees.calc.meters import MeterSpan, Reading, use_of
from domain.fees.calc.problems import LineProblem
from domain.imports.places import Places
from domain.imports.readings.state import KnownMeter, KnownReading, Meters
from domain.imports.rows import ReadingRow
from domain.imports.writes import (
    DEFAULTS,
    Difference,
    RowPlan,
    Stop,
    Write,
    change,
    conflict,
    insert,
    outcome,
    refuse,
)  # fmt: skip
from domain.meters.model import METER_KIND_NAMES, ReadingKind

DIGITS = int(DEFAULTS["meter"]["digits"])
"""Of a meter that comes with its first reading."""

ROLLED_OVER = ("归零", "翻表", "走满")
BY_SIGHT = (ReadingKind.ACTUAL, ReadingKind.ESTIMATED)


class ReadingsPlanner:
    """Plans one sheet of readings. Rows come day by day, so that a meter starts with its first."""

    def __init__(
        self,
        places: Places,
        meters: Meters,
        billed: AbstractSet[tuple[int, date]],
        community_id: int,
        ids: Mapping[str, IdSource],
        *,
        on: date,
    ) -> None:
        self._places, self._meters, self._billed = places, meters, billed
        self._community, self._ids, self._today = community_id, ids, on

    def row(self, row: ReadingRow) -> RowPlan:
        """One row's plan."""
        try:
            room_id = self._places.room(row.code)
            self._check_day(row)
            meter = self._find(row, room_id)
            _check_dial(row, DIGITS if meter is None else meter.digits)
            return self._first(row, room_id) if meter is None else self._next(row, meter)
        except Stop as stop:
            return stop.plan(row.row)

    def _check_day(self, row: ReadingRow) -> None:
        """A day to come is a slip of the year, and would stand in the way of every real reading."""
        if row.read_on > self._today:
            raise refuse("read_on", "date_invalid", "抄表日期还没有到，请核对")

    def _find(self, row: ReadingRow, room_id: int) -> KnownMeter | None:
        """The meter meant; None where the row brings a new one."""
        if row.serial is not None:
            return self._by_serial(row, row.serial, room_id)
        assert row.meter is not None, "the sheet names a kind or a serial"
        fitted = [
            m for m in self._of_kind(row, room_id) if m.to_on is None or m.to_on > row.read_on
        ]
        if len(fitted) > 1:
            name = METER_KIND_NAMES[row.meter]
            raise refuse("meter", "meter_ambiguous", f"这套房屋有几块{name}，请填写表号")
        return fitted[0] if fitted else None

    def _by_serial(self, row: ReadingRow, serial: str, room_id: int) -> KnownMeter | None:
        meter = self._meters.by_serial.get(serial)
        if meter is None:
            self._check_new(row, room_id)
        elif meter.room_id != room_id:
            raise conflict("serial", "meter_conflict", "这个表号已登记在另一套房屋，请核对")
        elif row.meter not in (None, meter.kind):
            known = METER_KIND_NAMES[meter.kind]
            raise conflict("meter", "meter_conflict", f"这个表号登记的是{known}，请核对")
        return meter

    def _check_new(self, row: ReadingRow, room_id: int) -> None:
        """Another serial may be a second meter only where the first came with this very sheet."""
        if row.meter is None:
            raise refuse("serial", "meter_unknown", "没有这个表号，新表请同时填写表具类型")
        if any(not meter.made and meter.to_on is None for meter in self._of_kind(row, room_id)):
            name = METER_KIND_NAMES[row.meter]
            raise conflict("serial", "meter_conflict", f"这套房屋登记的{name}不是这个表号，请核对")

    def _of_kind(self, row: ReadingRow, room_id: int) -> list[KnownMeter]:
        return self._meters.by_room.get((room_id, row.meter), []) if row.meter else []

    def _first(self, row: ReadingRow, room_id: int) -> RowPlan:
        """The first reading makes the meter, and opens it."""
        assert row.meter is not None, "checked where the meter was looked for"
        serial = row.serial or self._default_serial(row)
        meter = KnownMeter(
            self._ids["meter"].next(), room_id, row.meter, serial, DIGITS, Decimal(1), row.read_on,
            None, made=True,
        )  # fmt: skip
        self._meters.add(meter)
        made = insert(
            "meter", meter.id, community_id=self._community, room_id=room_id, kind=row.meter,
            serial=serial, from_on=row.read_on,
        )  # fmt: skip
        reading = self._reading(row, meter, ReadingKind.OPENING)
        note = f"新表 {serial}，从这个读数开始计量"
        return RowPlan(row.row, Difference.NEW, [made, reading], notes=[note])

    def _default_serial(self, row: ReadingRow) -> str:
        plain = f"{row.meter}-{row.code}"
        meter = self._meters.by_serial.get(plain)
        return plain if meter is None else f"{plain}-{row.read_on:%Y%m%d}"

    def _next(self, row: ReadingRow, meter: KnownMeter) -> RowPlan:
        stored = meter.readings.get(row.read_on)
        if stored is not None:
            return self._again(row, meter, stored)
        if row.read_on < meter.from_on or (meter.to_on and row.read_on > meter.to_on):
            raise conflict("read_on", "date_conflict", "抄表日期不在这块表的使用期间内，请核对")
        self._check_turn(row, meter)
        kind = ReadingKind.ESTIMATED if row.estimated else ReadingKind.ACTUAL
        return RowPlan(row.row, Difference.NEW, [self._reading(row, meter, kind)])

    def _again(self, row: ReadingRow, meter: KnownMeter, stored: KnownReading) -> RowPlan:
        """The same dial on the same day: nothing, or a correction."""
        kind = _seen(row) if stored.kind in BY_SIGHT else stored.kind
        said = (row.reading, kind, _rolled_over(row) or stored.rolled_over)
        if said == (stored.value, stored.kind, stored.rolled_over):
            stored.sheet_row = stored.sheet_row or row.row
            return RowPlan(row.row, Difference.UNCHANGED)
        if stored.sheet_row is not None:
            raise refuse(
                "reading", "reading_duplicate",
                f"同一块表同一天的读数和第 {stored.sheet_row} 行重复",
            )  # fmt: skip
        if (meter.id, row.read_on) in self._billed:
            raise conflict("reading", "reading_billed", "这一天的读数已经用于账单，不能用导入修改")
        self._check_turn(row, meter)
        before = {"value": stored.value, "kind": stored.kind, "rolled_over": stored.rolled_over}
        stored.value, stored.kind, stored.rolled_over = said
        stored.sheet_row = row.row
        after = {"value": stored.value, "kind": stored.kind, "rolled_over": stored.rolled_over}
        return outcome(row.row, [change("meter_reading", stored.id, before, after)], ["读数"])

    def _check_turn(self, row: ReadingRow, meter: KnownMeter) -> None:
        """Whether the dial can have turned from the reading before to this one and on to the next."""
        this = Reading(row.reading, row.estimated, _rolled_over(row))
        earlier, later = meter.before(row.read_on), meter.after(row.read_on)
        if earlier and not _turns(meter, _dial(earlier[1]), this):
            raise conflict(
                "reading", "reading_lower",
                f"比 {earlier[0]:%Y-%m-%d} 的读数 {earlier[1].value.normalize():f} 小；"
                "如果走满归零，请在备注里写明“归零”",
            )  # fmt: skip
        if later and not _turns(meter, this, _dial(later)):
            raise conflict("reading", "reading_higher", "比后面日期的读数大，请核对")

    def _reading(self, row: ReadingRow, meter: KnownMeter, kind: ReadingKind) -> Write:
        rolled = _rolled_over(row)
        reading = KnownReading(
            self._ids["meter_reading"].next(), row.reading, kind, rolled, row.row
        )
        meter.add(row.read_on, reading)
        return insert(
            "meter_reading", reading.id, meter_id=meter.id, read_on=row.read_on,
            value=row.reading, kind=kind, rolled_over=rolled,
        )  # fmt: skip


def _check_dial(row: ReadingRow, digits: int) -> None:
    """Refuse what a dial of so many whole digits cannot show, as the desk does."""
    if row.reading >= Decimal(10) ** digits:
        raise refuse(
            "reading", "reading_invalid", f"读数超过了表的位数（整数 {digits} 位），请核对"
        )


def _seen(row: ReadingRow) -> ReadingKind:
    return ReadingKind.ESTIMATED if row.estimated else ReadingKind.ACTUAL


def _rolled_over(row: ReadingRow) -> bool:
    return any(word in (row.note or "") for word in ROLLED_OVER)


def _dial(reading: KnownReading) -> Reading:
    estimated = reading.kind is ReadingKind.ESTIMATED
    return Reading(reading.value, estimated, reading.rolled_over)


def _turns(meter: KnownMeter, first: Reading, last: Reading) -> bool:
    try:
        use_of(MeterSpan(first, last, meter.multiplier, meter.digits))
    except LineProblem:
        return False
    return True
