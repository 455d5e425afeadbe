"""Readings against the books: whose dial, what it said before, and whether it can have turned so."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, update

from domain.bills.model import BillLine
from domain.meters.model import Meter, MeterKind, MeterReading, ReadingKind
from tests.domain.imports.sheets import bring, counts, dial, everything, faults, many, plan
from tests.factories.office import Office

NOV, DEC = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def home(office: Office) -> Office:
    """The office with room 1-1-101, in December, when all these dials have been read."""
    office.room("1-1-101")
    office.at = datetime(2026, 12, 31, 16, tzinfo=UTC)
    return office


def readings(office: Office) -> list[tuple[date, Decimal, ReadingKind]]:
    rows = office.session.scalars(select(MeterReading).order_by(MeterReading.read_on))
    return [(row.read_on, row.value, row.kind) for row in rows]


def test_the_first_reading_makes_the_meter_and_opens_it(home: Office) -> None:
    _, tally = bring(home, dial(130, NOV), dial(120, row=3))
    meter = home.session.scalars(select(Meter)).one()
    assert (meter.serial, meter.kind, meter.from_on) == (
        "water-1-1-101", MeterKind.WATER, date(2026, 10, 1),
    )  # fmt: skip
    assert readings(home) == [
        (date(2026, 10, 1), Decimal(120), ReadingKind.OPENING),
        (NOV, Decimal(130), ReadingKind.ACTUAL),
    ]
    assert tally.words == {3: "新增（新表 water-1-1-101，从这个读数开始计量）", 2: "新增"}


def test_the_same_sheet_twice_changes_nothing(home: Office) -> None:
    sheet = [dial(120), dial("130.5", NOV, row=3, estimated=True), dial(7, row=4, serial="W-9")]
    bring(home, *sheet[:2])
    before = everything(home.session)
    assert counts(bring(home, *sheet[:2])[1]) == {"unchanged": 2}
    assert everything(home.session) == before


def test_a_meter_is_found_by_serial_alone(home: Office) -> None:
    bring(home, dial(120, serial="W-1"))
    assert counts(bring(home, dial(130, NOV, serial="W-1", meter=None))[1]) == {"new": 1}
    assert many(home.session, Meter) == 1


def test_a_known_reading_is_corrected(home: Office) -> None:
    bring(home, dial(120), dial(130, NOV, row=3))
    _, tally = bring(home, dial(131, NOV, estimated=True))
    assert tally.words == {2: "变更：读数"}
    assert readings(home)[1] == (NOV, Decimal(131), ReadingKind.ESTIMATED)


def test_a_billed_reading_is_not_corrected(home: Office) -> None:
    bring(home, dial(120), dial(130, NOV, row=3))
    meter = home.session.scalars(select(Meter)).one()
    home.bill(home.session.get_one(type(home.room("1-1-102")), meter.room_id), 10_000)
    told = {"id": meter.id, "first_on": "2026-10-01", "last_on": "2026-11-01"}
    home.session.execute(update(BillLine).values(detail={"meters": [told]}))
    _, tally = bring(home, dial(131, NOV))
    assert faults(tally) == [(2, "reading", "reading_billed")]
    home.session.execute(update(BillLine).values(live=False))
    assert counts(bring(home, dial(131, NOV))[1]) == {"changed": 1}


def test_a_dial_does_not_turn_back(home: Office) -> None:
    bring(home, dial(120), dial(140, DEC, row=3))
    assert faults(plan(home, dial(110, NOV))) == [(2, "reading", "reading_lower")]
    assert faults(plan(home, dial(150, NOV))) == [(2, "reading", "reading_higher")]
    assert counts(plan(home, dial(130, NOV))) == {"new": 1}


@pytest.mark.parametrize("note", ["走满归零", "已归零"])
def test_unless_it_rolled_over(home: Office, note: str) -> None:
    bring(home, dial(999_990))
    assert counts(bring(home, dial(500_000, NOV, note=note))[1]) == {"new": 1}
    stored = select(MeterReading.rolled_over).order_by(MeterReading.read_on)
    assert home.session.scalars(stored).all() == [False, True]


def test_a_short_roll_over_explains_itself(home: Office) -> None:
    bring(home, dial(999_990))
    assert counts(bring(home, dial(12, NOV))[1]) == {"new": 1}


def test_a_real_reading_may_put_an_estimate_right(home: Office) -> None:
    bring(home, dial(100), dial(150, NOV, row=3, estimated=True))
    assert counts(bring(home, dial(140, DEC))[1]) == {"new": 1}


def test_nobody_has_read_a_dial_tomorrow(home: Office) -> None:
    today, tomorrow = date(2027, 1, 1), date(2027, 1, 2)  # midnight in Shanghai
    assert counts(plan(home, dial(1, today))) == {"new": 1}
    assert faults(plan(home, dial(1, tomorrow))) == [(2, "read_on", "date_invalid")]
    bring(home, dial(1))
    assert faults(plan(home, dial(2, tomorrow))) == [(2, "read_on", "date_invalid")]


def test_a_dial_shows_no_more_than_its_digits(home: Office) -> None:
    assert counts(plan(home, dial("999999.9999"))) == {"new": 1}
    assert faults(plan(home, dial(1_000_000))) == [(2, "reading", "reading_invalid")]
    bring(home, dial(1))
    home.session.execute(update(Meter).values(digits=4))
    assert faults(plan(home, dial(10_000, NOV))) == [(2, "reading", "reading_invalid")]


def test_a_room_nobody_knows_is_refused(home: Office) -> None:
    assert faults(plan(home, dial(1, code="9-9-999"))) == [(2, "room", "room_unknown")]


def test_a_serial_nobody_knows_needs_a_kind(home: Office) -> None:
    assert faults(plan(home, dial(1, serial="W-9", meter=None))) == [(2, "serial", "meter_unknown")]


def test_a_serial_of_another_room_or_kind_is_a_conflict(home: Office) -> None:
    home.room("1-1-102")
    bring(home, dial(1, serial="W-1"))
    elsewhere = dial(2, NOV, serial="W-1", code="1-1-102")
    power = dial(2, NOV, serial="W-1", meter=MeterKind.POWER)
    swapped = dial(2, NOV, serial="W-2")
    assert faults(plan(home, elsewhere)) == [(2, "serial", "meter_conflict")]
    assert faults(plan(home, power)) == [(2, "meter", "meter_conflict")]
    assert faults(plan(home, swapped)) == [(2, "serial", "meter_conflict")]


def test_two_meters_of_a_kind_come_in_one_sheet_and_then_need_their_serials(home: Office) -> None:
    _, tally = bring(home, dial(1, serial="厨房"), dial(5, row=3, serial="卫生间"))
    assert counts(tally) == {"new": 2}
    assert faults(plan(home, dial(9, NOV))) == [(2, "meter", "meter_ambiguous")]


def test_the_same_dial_named_in_two_ways_on_one_day_is_refused(home: Office) -> None:
    bring(home, dial(1, serial="W-1"))
    tally = plan(home, dial(9, NOV), dial(8, NOV, row=3, serial="W-1", meter=None))
    assert faults(tally) == [(3, "reading", "reading_duplicate")]


def test_a_day_before_the_meter_was_fitted_is_a_conflict(home: Office) -> None:
    bring(home, dial(1, NOV))
    assert faults(plan(home, dial(0))) == [(2, "read_on", "date_conflict")]
