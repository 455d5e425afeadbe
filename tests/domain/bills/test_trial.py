"""A trial says what drafting would bill, and writes nothing."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from domain.bills import chunks, price_book, runs, trial
from domain.bills.drafting.chunk import draft
from domain.bills.model import Bill, BillRun
from domain.fees.desk import PriceFacts
from domain.fees.model import FeeBasis, FeeTiming, Tariff, TierPeriod
from domain.fees.pricing import set_price
from domain.meters.model import MeterKind
from domain.rooms.model import RoomKind
from statemachines.bill_run import BILL_RUN
from statemachines.engine import fire

TODAY = date(2026, 11, 10)


def tried(
    office, item, price: str, from_on=date(2026, 12, 1), most_rooms=5_000, **more
) -> trial.Trial:
    facts = PriceFacts(Decimal(price), from_on, **more)
    return trial.of_price(
        office.session, item, facts.told(), from_on=from_on, today=TODAY, most_rooms=most_rooms
    )  # fmt: skip


def drafted(office, month: date) -> int:
    """What a real run of the month comes to."""
    session = office.session
    runs.create(session, community_id=office.community.id, month=month, at=office.at)
    run = session.scalars(select(BillRun).where(BillRun.period_start == month)).one()
    run.price_book = price_book.freeze(session, run)
    fire(session, BILL_RUN, run, "draft", by=office.clock, at=office.at)
    chunks.plan(session, run)
    for chunk in chunks.undrafted(session, run.id):
        draft(session, chunk.id, at=office.at)
    return int(session.scalar(select(func.sum(Bill.total_fen)).where(Bill.bill_run_id == run.id)))


def test_the_trial_comes_to_what_the_run_bills_then(office):
    item = office.fee()
    office.tariff(item, "2.80")
    office.tariff(item, "5.00", kind=RoomKind.SHOP)
    for door, area in (("1-1-101", "89.52"), ("1-1-102", "120.33"), ("2-1-101", "77.77")):
        office.room(door, area=area)
    office.room("9-1", area="40", kind=RoomKind.SHOP)
    office.room("9-2", area=None, kind=RoomKind.RESIDENTIAL)
    found = tried(office, item, "3.10")
    assert office.session.scalar(select(func.count()).select_from(Bill)) == 0
    assert office.session.scalar(select(func.count()).select_from(Tariff)) == 2
    assert (found.period.start, found.period.end) == (date(2026, 12, 1), date(2027, 1, 1))
    assert (found.rooms, found.tried, found.changed, found.failed) == (5, 5, 3, 1)
    assert found.before_fen == 25_066 + 33_692 + 21_776 + 20_000
    assert [one.kind for one in found.kinds] == [RoomKind.RESIDENTIAL, RoomKind.SHOP]
    assert found.movers[0].code == "1-1-102"
    set_price(office.session, item, Decimal("3.10"), from_on=date(2026, 12, 1))
    assert drafted(office, date(2026, 12, 1)) == found.after_fen


def test_metered_items_are_tried_on_the_last_period_that_is_over(office):
    item = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER,
        tier_period=TierPeriod.PERIOD, timing=FeeTiming.POSTPAID,
    )  # fmt: skip
    office.tariff(item, "2", tiers={"10": "4"})
    room = office.room()
    office.meter(room, {date(2026, 10, 1): "100", date(2026, 11, 1): "115"})
    found = tried(office, item, "2", bands={Decimal(10): Decimal(5)})
    assert found.period.start == date(2026, 10, 1)
    assert (found.before_fen, found.after_fen, found.changed) == (4_000, 4_500, 1)


def test_a_first_price_and_one_for_a_kind_begin_from_nothing(office):
    item = office.fee("parking", basis=FeeBasis.FIXED)
    office.room("B1-001", kind=RoomKind.PARKING)
    office.room("1-1-101")
    found = tried(office, item, "80", room_kind=RoomKind.PARKING)
    assert (found.before_fen, found.after_fen, found.changed) == (0, 8_000, 1)


def test_in_a_large_community_some_buildings_stand_for_all(office):
    item = office.fee()
    office.tariff(item, "1")
    for code in ("1-1-101", "2-1-101", "3-1-101", "4-1-101"):
        office.room(code)
    found = tried(office, item, "2", most_rooms=2)
    assert found.sampled
    assert (found.rooms, found.tried, found.buildings) == (4, 2, 2)


@pytest.mark.parametrize(
    ("cycle", "from_on", "start"),
    [
        (1, date(2026, 12, 1), date(2026, 12, 1)),
        (1, date(2026, 12, 2), date(2027, 1, 1)),
        (3, date(2026, 11, 15), date(2027, 1, 1)),
        (12, date(2026, 1, 1), date(2026, 1, 1)),
    ],
)
def test_the_first_whole_period_under_the_new_price(office, cycle, from_on, start):
    item = office.fee(cycle_months=cycle)
    assert trial.period_for(item, from_on, today=TODAY).start == start
