"""Water and power: readings, ladders, and everything meters do to people."""

from datetime import date

import pytest

from domain.bills import lines as line_verbs
from domain.bills.model import Bill
from domain.fees.model import FeeBasis, FeeTiming, TierPeriod
from domain.meters.model import MeterKind, MeterReading, ReadingKind
from domain.rooms.model import RoomKind
from tests.domain.bills.month import D, amounts, bills, drafted, lines, problems

OCT, NOV, DEC, JAN = date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1)
MID = date(2026, 10, 16)
TIERS = {"12": "4.83", "20": "8.05"}


def water(office, *, period=TierPeriod.PERIOD, price="3.45", tiers=TIERS, **extra):
    item = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER, tier_period=period,
        timing=FeeTiming.POSTPAID, **extra,
    )  # fmt: skip
    office.tariff(item, price, tiers=tiers)
    return item


def read(office, meter, on, value, **extra):
    return office._add(MeterReading(meter_id=meter.id, read_on=on, value=D(value), **extra))


@pytest.fixture
def item(office):
    return water(office)


def test_use_by_tiers(office, item):
    meter = office.meter(office.room(), {OCT: "310", NOV: "325"})
    (line,) = lines(office, drafted(office))
    assert (line.fen, line.quantity, line.price) == (4_140 + 1_449, 15, None)
    assert line.detail["tiers"] == [["1", "12", "3.45"], ["2", "3", "4.83"]]
    assert line.detail["meters"] == [
        {"id": meter.id, "serial": "water-1-1-101", "first": "310", "first_on": "2026-10-01",
         "last": "325", "last_on": "2026-11-01", "multiplier": "1", "estimated": False}
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("last", "fen"), [("322", 4_140), ("322.0001", 4_140), ("330", 4_140 + 3_864), ("310", 0)]
)
def test_a_boundary_hit_exactly_belongs_to_the_lower_tier(office, item, last, fen):
    office.meter(office.room(), {OCT: "310", NOV: last})
    assert amounts(office, drafted(office)) == [fen]


def test_a_missing_reading_is_a_problem_never_a_zero(office, item):
    office.meter(office.room("1-1-101"), {OCT: "310"})
    office.meter(office.room("1-1-102", owner="乙"), {})
    office.room("1-1-103", owner="丙")
    office.room("P-1", owner="丁", kind=RoomKind.PARKING)
    run = drafted(office)
    assert bills(office, run) == []
    assert problems(office.session, run) == [
        (room, "water", "reading_missing") for room in ("1-1-101", "1-1-102", "1-1-103")
    ]


def test_a_missed_month_is_caught_up(office, item):
    meter = office.meter(office.room(), {OCT: "100", NOV: "110"})
    assert amounts(office, drafted(office, NOV)) == [3_450]
    december = drafted(office, DEC)
    assert problems(office.session, december) == [("1-1-101", "water", "reading_missing")]
    read(office, meter, JAN, "121")
    (line,) = lines(office, drafted(office, JAN))
    assert (line.fen, line.quantity) == (3_795, 11)
    assert line.detail["meters"][0]["first_on"] == "2026-11-01"


def test_estimated_then_real(office, item):
    meter = office.meter(office.room(), {OCT: "100"})
    read(office, meter, NOV, "110", kind=ReadingKind.ESTIMATED)
    read(office, meter, DEC, "121")
    assert amounts(office, drafted(office, NOV)) == [3_450]
    assert amounts(office, drafted(office, DEC)) == [3_795]


def test_a_real_reading_below_the_estimate_is_a_credit_at_the_tiers_it_was_charged_at(office, item):
    fee = office.fee()
    office.tariff(fee, "2.80")
    meter = office.meter(office.room(), {OCT: "100"})
    read(office, meter, NOV, "115", kind=ReadingKind.ESTIMATED)
    read(office, meter, DEC, "110")
    assert amounts(office, drafted(office, NOV), "water") == [4_140 + 1_449]
    december = drafted(office, DEC)
    (line,) = lines(office, december, "water")
    assert (line.quantity, line.fen) == (-5, -(3 * 483 + 2 * 345))
    assert bills(office, december) == [("1-1-101", "潘超", 28_000 - 2_139)]


def test_a_credit_larger_than_the_charges_waits_and_the_charges_do_not(office, item):
    fee = office.fee()
    office.tariff(fee, "0.01")
    meter = office.meter(office.room(), {OCT: "100"})
    read(office, meter, NOV, "112", kind=ReadingKind.ESTIMATED)
    read(office, meter, DEC, "110")
    read(office, meter, JAN, "118")
    drafted(office, NOV)
    december = drafted(office, DEC)
    assert bills(office, december) == [("1-1-101", "潘超", 100)]
    assert problems(office.session, december) == [("1-1-101", "water", "bill_negative")]
    (line,) = lines(office, drafted(office, JAN), "water")
    assert line.quantity == 6


def test_a_credit_with_nothing_to_credit_makes_no_bill(office, item):
    meter = office.meter(office.room(), {OCT: "100"})
    read(office, meter, NOV, "112", kind=ReadingKind.ESTIMATED)
    read(office, meter, DEC, "110")
    drafted(office, NOV)
    december = drafted(office, DEC)
    assert (bills(office, december), lines(office, december)) == ([], [])
    assert problems(office.session, december) == [("1-1-101", "water", "bill_negative")]


def test_a_falling_dial_is_refused_and_a_rollover_believed(office, item):
    office.meter(office.room("1-1-101"), {OCT: "60000", NOV: "5000"}, digits=5)
    office.meter(office.room("1-1-102", owner="乙"), {OCT: "99990", NOV: "8"}, digits=5)
    marked = office.meter(office.room("1-1-103", owner="丙"), {OCT: "60000"}, digits=5)
    read(office, marked, date(2026, 10, 20), "50", rolled_over=True)
    read(office, marked, NOV, "60")
    run = drafted(office)
    assert problems(office.session, run) == [("1-1-101", "water", "reading_negative")]
    assert [line.quantity for line in lines(office, run)] == [18, 40_060]


def test_a_swap_adds_the_old_meter_and_the_new_one(office, item):
    room = office.room()
    office.meter(room, {OCT: "998", MID: "1001"}, to_on=MID, serial="old")
    new = office.meter(room, {MID: "0", NOV: "4.5"}, serial="new", multiplier=D(2))
    (line,) = lines(office, drafted(office))
    assert line.quantity == 12
    assert [meter["serial"] for meter in line.detail["meters"]] == ["old", "new"]
    read(office, new, DEC, "6")
    (line,) = lines(office, drafted(office, DEC))
    assert (line.quantity, [meter["serial"] for meter in line.detail["meters"]]) == (3, ["new"])


def test_a_meter_taken_out_is_settled_even_if_its_month_was_missed(office, item):
    room = office.room()
    old = office.meter(room, {OCT: "100", NOV: "110"}, serial="old")
    drafted(office, NOV)
    old.to_on = date(2026, 11, 16)
    office.session.flush()
    read(office, old, date(2026, 11, 16), "113", kind=ReadingKind.CLOSING)
    new = office.meter(room, {date(2026, 11, 16): "0"}, serial="new")
    december = drafted(office, DEC)
    assert problems(office.session, december) == [("1-1-101", "water", "reading_missing")]
    read(office, new, JAN, "9")
    (line,) = lines(office, drafted(office, JAN))
    assert line.quantity == 3 + 9


def test_a_transfer_without_a_reading_cuts_the_use_by_days(office, item):
    room = office.room(owner=None)
    office.lives(room, office.person("旧"), until=MID)
    office.lives(room, office.person("新"), since=MID)
    office.meter(room, {OCT: "100", NOV: "131"})
    found = [(line.payer, line.quantity, line.fen) for line in lines(office, drafted(office))]
    assert found == [("旧", 15, 4_140 + 1_449), ("新", 16, 4_140 + 1_932)]


def test_a_reading_on_the_day_of_a_transfer_divides_the_use(office, item):
    room = office.room(owner=None)
    office.lives(room, office.person("旧"), until=MID)
    office.lives(room, office.person("新"), since=MID)
    meter = office.meter(room, {OCT: "100", MID: "104", NOV: "131"})
    first, second = lines(office, drafted(office))
    assert (first.quantity, second.quantity) == (4, 27)
    assert second.detail["meters"][0]["first"] == "104"
    read(office, meter, DEC, "141")
    (line,) = lines(office, drafted(office, DEC))
    assert (line.payer, line.quantity) == ("新", 10)


def test_a_price_change_inside_the_period_keeps_the_ladder_going(office):
    item = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER, timing=FeeTiming.POSTPAID,
        tier_period=TierPeriod.PERIOD,
    )  # fmt: skip
    office.tariff(item, "1", tiers={"10": "2"}, until=MID)
    office.tariff(item, "3", tiers={"10": "4"}, since=MID, version=2)
    office.meter(office.room(), {OCT: "0", NOV: "31"})
    first, second = lines(office, drafted(office))
    assert (first.quantity, first.fen) == (15, 1_000 + 1_000)
    assert (second.quantity, second.fen, second.detail["before"]) == (16, 6_400, "15")


def test_tiers_of_the_year_go_on_from_month_to_month(office):
    water(office, period=TierPeriod.YEAR, price="1", tiers={"20": "2"})
    meter = office.meter(office.room(), {OCT: "0", NOV: "15"})
    assert amounts(office, drafted(office, NOV)) == [1_500]
    read(office, meter, DEC, "30")
    (line,) = lines(office, drafted(office, DEC))
    assert (line.fen, line.detail["before"]) == (500 + 2_000, "15")
    read(office, meter, JAN, "31")
    read(office, meter, date(2027, 2, 1), "36")
    assert amounts(office, drafted(office, JAN)) == [200]
    assert amounts(office, drafted(office, date(2027, 2, 1))) == [500]


def test_a_new_owner_starts_the_years_ladder_with_the_months_left(office):
    water(office, period=TierPeriod.YEAR, price="1", tiers={"12": "2"})
    room = office.room(owner=None)
    office.lives(room, office.person("旧"), until=MID)
    office.lives(room, office.person("新"), since=MID)
    office.meter(room, {OCT: "0", MID: "11", NOV: "22"})
    first, second = lines(office, drafted(office))
    assert (first.payer, first.fen) == ("旧", 1_100)
    assert (second.payer, second.fen) == ("新", 300 + 800 * 2)
    assert second.detail["months_left"] == 3


def test_an_agreed_price_replaces_the_ladder(office, item):
    room = office.room()
    office.charge(room, item, unit_price=D("2.00"))
    office.meter(room, {OCT: "0", NOV: "30"})
    (line,) = lines(office, drafted(office))
    assert (line.fen, line.price) == (6_000, 2)


def test_a_reversed_line_is_billed_again_from_where_the_last_live_one_ended(office, item):
    meter = office.meter(office.room(), {OCT: "100", NOV: "110", DEC: "121"})
    november = drafted(office, NOV)
    line_verbs.mirror(office.session, Bill.bill_run_id == november.id)
    (line,) = lines(office, drafted(office, DEC))
    assert (line.detail["meters"][0]["id"], line.quantity) == (meter.id, 11)


def test_power_has_meters_of_its_own(office, item):
    power = office.fee(
        "power", basis=FeeBasis.METERED, meter_kind=MeterKind.POWER, timing=FeeTiming.POSTPAID,
        tier_period=TierPeriod.PERIOD,
    )  # fmt: skip
    office.tariff(power, "0.61")
    room = office.room()
    office.meter(room, {OCT: "0", NOV: "10"})
    office.meter(room, {OCT: "0", NOV: "100"}, kind=MeterKind.POWER, multiplier=D(30))
    assert amounts(office, drafted(office)) == [3_450, 183_000]
