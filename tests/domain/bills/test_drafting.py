"""A chunk is drafted once, by one worker, in a run that is being drafted – whatever its rooms are like."""

import os
import time
from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update

from domain.bills import chunks, drafting
from domain.bills.model import Bill, BillRunChunk, BillStatus, Decision
from domain.errors import NotAllowedNow
from domain.fees.model import FeeBasis, FeeTiming, Tariff, TierPeriod
from domain.meters.model import MeterKind
from domain.people.model import Occupancy
from domain.rooms.model import RoomArea
from statemachines import bill_run as runs
from tests.domain.bills.month import NOVEMBER, D, amounts, begun, bills, drafted, lines, problems


@pytest.fixture
def street(office):
    """Two buildings, three rooms, one fee."""
    office.tariff(office.fee(), "2.80")
    for code, owner in (("1-1-101", "甲"), ("1-1-102", "乙"), ("2-1-101", "丙")):
        office.room(code, owner=owner)
    return office


def issue(office, run):
    """Submit, approve and issue a drafted run."""
    said = dict(by=office.by, at=office.at)
    runs.submit(office.session, run.id, **said)
    runs.decide(office.session, run.id, Decision.APPROVE, **said)
    runs.start_issue(office.session, run.id, **said)
    for chunk in chunks.unissued(office.session, run.id):
        runs.issue_chunk(office.session, chunk.id, **said)
    return runs.finish(office.session, run.id, **said)


def test_a_chunk_knows_what_it_wrote(street):
    run = begun(street)
    first, second = chunks.undrafted(street.session, run.id)
    assert drafting.draft(street.session, first.id, at=street.at) == 2
    assert (first.bills, first.lines, first.total_fen, first.drafted_at) == (
        2,
        2,
        56_000,
        street.at,
    )
    assert [chunk.id for chunk in chunks.undrafted(street.session, run.id)] == [second.id]


def test_run_twice_is_run_once(street):
    run = drafted(street)
    before = lines(street, run)
    for chunk in street.session.scalars(select(BillRunChunk)):
        assert drafting.draft(street.session, chunk.id, at=street.at + timedelta(days=1)) == 0
        chunk.drafted_at = None  # as if only this had been lost
    street.session.flush()
    drafted(street)
    assert lines(street, run) == before
    assert len(bills(street, run)) == 3


def test_bills_are_numbered_by_month(street):
    run = drafted(street)
    numbers = street.session.scalars(select(Bill.no).where(Bill.bill_run_id == run.id)).all()
    assert all(no.startswith("ZD202611") and len(no) == 16 for no in numbers)
    assert set(street.session.scalars(select(Bill.status))) == {BillStatus.DRAFT}


def test_a_run_that_is_not_drafting_takes_no_more_bills(street):
    run = begun(street)
    (chunk, _) = chunks.undrafted(street.session, run.id)
    runs.decide(street.session, run.id, Decision.REJECT, by=street.by, at=street.at)
    with pytest.raises(NotAllowedNow, match="不在计算中"):
        drafting.draft(street.session, chunk.id, at=street.at)


def test_what_changes_after_issue_changes_no_bill(street):
    run = issue(street, drafted(street))
    before = lines(street, run)
    street.session.execute(update(Tariff).values(unit_price=99))
    street.session.execute(update(RoomArea).values(built_area=1))
    street.session.execute(update(Occupancy).values(to_on=NOVEMBER))
    assert lines(street, run) == before
    december = drafted(street, date(2026, 12, 1))
    assert {line.payer for line in lines(street, december)} == {None}


def test_an_item_whose_period_was_billed_by_another_run_is_not_billed_again(street):
    drafted(street)
    item = street.fee("extra", basis=FeeBasis.FIXED)
    street.tariff(item, "1")
    street.session.execute(
        text(
            "UPDATE fee_item SET cycle_anchor_on = '2026-11-01', timing = 'postpaid' WHERE code = 'property'"
        )
    )
    december = drafted(street, date(2026, 12, 1))
    assert amounts(street, december) == [100, 100, 100]


def impossible(office, code="1-1-102"):
    """A room whose use fits no column: a dial of twelve digits times a multiplier of thirteen."""
    item = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER, timing=FeeTiming.POSTPAID,
        tier_period=TierPeriod.PERIOD, listed_only=True,
    )  # fmt: skip
    office.tariff(item, "0")
    room = office.room(code, owner="巨表")
    office.charge(room, item)
    readings = {date(2026, 10, 1): "0", NOVEMBER: "99999999999"}
    office.meter(room, readings, digits=12, multiplier=D("9999999999999"))
    return room


def test_one_impossible_room_does_not_cost_the_others(office):
    office.tariff(office.fee(), "2.80")
    for n in range(7):
        office.room(f"1-1-{n}", owner=f"业主{n}")
    impossible(office, "1-1-900")
    for n in range(20, 23):
        office.room(f"1-1-{n}", owner=f"业主{n}")
    run = drafted(office)
    assert len(bills(office, run)) == 10
    assert problems(office.session, run) == [("1-1-900", None, "room_failed")]
    (chunk,) = office.session.scalars(select(BillRunChunk))
    assert (chunk.bills, chunk.lines, chunk.total_fen) == (10, 10, 280_000)


def test_a_chunk_of_one_impossible_room(office):
    impossible(office)
    run = drafted(office)
    assert bills(office, run) == []
    assert problems(office.session, run) == [("1-1-102", None, "room_failed")]


def test_a_session_in_another_zone_bills_the_same(street):
    utc = drafted(street)
    told = [(line.room, line.fen, line.start, line.end) for line in lines(street, utc)]
    runs.decide(street.session, utc.id, Decision.REJECT, by=street.by, at=street.at)
    street.session.execute(text("SET LOCAL TIME ZONE 'Asia/Shanghai'"))
    old = os.environ.get("TZ")
    os.environ["TZ"] = "America/Los_Angeles"
    time.tzset()
    try:
        again = drafted(street)
    finally:
        os.environ.pop("TZ") if old is None else os.environ.update(TZ=old)
        time.tzset()
    assert [(line.room, line.fen, line.start, line.end) for line in lines(street, again)] == told
