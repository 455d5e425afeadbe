"""补账: what an issued month lacks, or what was taken back, is billed on its own – and nothing else."""

from datetime import date

import pytest
from sqlalchemy import func, select

from domain.bills import chunks, drafting
from domain.bills.model import Bill, BillLine, BillRun, BillRunStatus, Decision
from domain.fees import costs
from domain.fees.model import FeeBasis, FeeTiming, ShareBy, TierPeriod
from domain.ledger.proof import prove
from domain.letters.model import Letter
from domain.meters.model import MeterKind, MeterReading
from domain.payments import prepayments
from domain.payments.model import PrepaymentAccount
from domain.people.model import Occupancy
from domain.rooms.model import RoomArea
from statemachines import bill as bills
from statemachines import bill_run as runs
from statemachines import supplement
from statemachines.payment import take_at_counter
from tests.domain.bills import month as of
from tests.domain.bills.month import D

NOVEMBER, DECEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
def street(office):
    """Two homes and their water; 苏霞's meter was not read."""
    office.tariff(office.fee(), "2.80")
    water = office.fee(
        "water", basis=FeeBasis.METERED, meter_kind=MeterKind.WATER, tier_period=TierPeriod.PERIOD,
        timing=FeeTiming.POSTPAID,
    )  # fmt: skip
    office.tariff(water, "3.00")
    office.home, office.other = office.room("1-1-101"), office.room("1-1-102", owner="苏霞")
    office.meter(office.home, {date(2026, 10, 1): "0", NOVEMBER: "10", DECEMBER: "14"})
    office.dial = office.meter(office.other, {date(2026, 10, 1): "0"})
    return office


def take_up(office, month=NOVEMBER) -> BillRun:
    return supplement.take_up(
        office.session, community_id=office.community.id, month=month, by=office.clock, at=office.at
    )


def bill(office, month=NOVEMBER) -> BillRun:
    """The month by its verbs, to the letters; an issued month that lacks nothing stays as it is."""
    session, run = office.session, take_up(office, month)
    if run.status is BillRunStatus.ISSUED:
        return run
    for chunk in chunks.undrafted(session, run.id):
        drafting.draft(session, chunk.id, at=office.at)
    runs.submit(session, run.id, by=office.clock, at=office.at)
    runs.decide(session, run.id, Decision.APPROVE, by=office.by, at=office.at)
    runs.start_issue(session, run.id, by=office.clock, at=office.at)
    for chunk in chunks.unissued(session, run.id):
        runs.issue_chunk(session, chunk.id, by=office.clock, at=office.at)
    runs.finish(session, run.id, by=office.clock, at=office.at)
    return run


def made(office, run) -> list[tuple[str, str, int]]:
    return [(line.room, line.item, line.fen) for line in of.lines(office, run)]


def reverse(office, room, month=NOVEMBER) -> Bill:
    found = select(Bill).where(Bill.room_id == room.id, Bill.period_start == month)
    newest = office.session.scalars(found.order_by(Bill.id.desc()).limit(1)).one()
    return bills.reverse(office.session, newest.id, by=office.by, at=office.at, note="算错了")


def rows(office) -> tuple[int, int, int]:
    return tuple(
        office.session.scalar(select(func.count()).select_from(table))
        for table in (BillRun, BillLine, Letter)
    )


def test_a_finished_month_run_again_changes_nothing(street):
    run = bill(street)
    before = rows(street)
    assert take_up(street) is run
    assert rows(street) == before
    assert prove(street.session).ok


def test_a_bill_taken_back_is_made_again_once_its_cause_is_mended_and_no_other(street):
    first = bill(street)
    reverse(street, street.home)
    street.session.query(RoomArea).filter_by(room_id=street.home.id).update({"built_area": D(90)})
    again = bill(street)
    assert again.supplements_id == first.id
    assert made(street, again) == [("1-1-101", "property", 25_200), ("1-1-101", "water", 3_000)]
    assert bill(street) is again
    assert prove(street.session).ok
    keys = [key for kind, key in street.letters() if kind == "bill.issued"]
    assert sorted(key.split(":")[1] for key in keys) == [str(first.id)] * 2 + [str(again.id)]


def test_a_reading_that_came_late_is_billed_beside_what_stands(street):
    first = bill(street)
    assert of.problems(street.session, first) == [("1-1-102", "water", "reading_missing")]
    street.session.add(MeterReading(meter_id=street.dial.id, read_on=NOVEMBER, value=D(5)))
    again = bill(street)
    assert made(street, again) == [("1-1-102", "water", 1_500)]
    assert again.summary["last"] is None
    assert bill(street) is again


def test_a_payer_who_was_found_gets_the_bill_that_was_nobodys(street):
    nobodys = street.room("1-1-103", owner=None)
    bill(street)
    street.lives(nobodys, street.person("何川"))
    assert bill(street).supplements_id is None  # nobody's bill stands until it is taken back
    reverse(street, nobodys)
    assert of.bills(street, bill(street)) == [("1-1-103", "何川", 28_000)]


def test_what_was_entered_late_is_billed_and_days_that_are_billed_are_not(street):
    parking = street.fee("parking", basis=FeeBasis.FIXED, listed_only=True)
    street.tariff(parking, "300")
    rubbish = street.fee("rubbish", basis=FeeBasis.ONE_OFF)
    bill(street)
    street.charge(street.home, parking, label="A-1")
    street.charge(street.other, rubbish, since=date(2026, 11, 20), amount_fen=5_000)
    late = bill(street)
    assert made(street, late) == [("1-1-101", "parking", 30_000), ("1-1-102", "rubbish", 5_000)]
    # another label, another payer from the middle of the month: every day is paid for already
    street.session.query(Occupancy).filter_by(room_id=street.home.id).update(
        {"to_on": date(2026, 11, 11)}
    )
    street.lives(street.home, street.person("何川"), since=date(2026, 11, 11))
    assert bill(street) is late


def test_a_shared_cost_stays_as_it_was_split(street):
    lift = street.fee("lift", basis=FeeBasis.SHARED, share_by=ShareBy.AREA)
    costs.add(street.session, lift, 3_001, start=NOVEMBER, end=DECEMBER)
    first = bill(street)
    parts = [fen for room, item, fen in made(street, first) if item == "lift"]
    street.session.query(RoomArea).filter_by(room_id=street.other.id).update({"built_area": D(50)})
    reverse(street, street.other)
    again = bill(street)
    assert made(street, again) == [("1-1-102", "property", 14_000), ("1-1-102", "lift", parts[1])]
    runs.reverse(street.session, first.id, by=street.by, at=street.at, note="单价录错")
    rest = bill(street)
    assert ("1-1-101", "lift", parts[0]) in made(street, rest)
    assert {room for room, _, _ in made(street, rest)} == {"1-1-101"}
    assert "lift" not in {item for _, item, _ in made(street, bill(street, DECEMBER))}
    assert prove(street.session).ok


def test_a_month_that_a_later_bill_went_on_from_is_not_billed_apart(street):
    bill(street)
    bill(street, DECEMBER)
    reverse(street, street.home)
    again = bill(street)
    assert made(street, again) == [("1-1-101", "property", 28_000)]
    assert ("1-1-101", "water", "billed_since") in of.problems(street.session, again)
    reverse(street, street.home, DECEMBER)
    assert made(street, bill(street)) == [("1-1-101", "water", 3_000)]
    assert ("1-1-101", "water", 1_200) in made(street, bill(street, DECEMBER))


def test_a_month_taken_back_with_its_supplement_is_made_anew(street):
    reversed_twice = [bill(street)]
    reverse(street, street.home)
    reversed_twice.append(bill(street))
    for run in reversed_twice:
        runs.reverse(street.session, run.id, by=street.by, at=street.at, note="单价录错")
    anew = bill(street)
    assert anew.supplements_id is None
    assert len(made(street, anew)) == 3
    assert prove(street.session).ok


def test_money_of_the_wrong_bill_pays_the_right_one_where_the_owner_wants_that(street):
    bill(street)
    wrong = street.session.scalars(select(Bill).where(Bill.room_id == street.home.id)).one()
    take_at_counter(
        street.session, [wrong.id], 31_000, method="cash", request_key="k", by=street.by, at=street.at
    )  # fmt: skip
    prepayments.opt_in(
        street.session, community_id=street.community.id, person_id=wrong.payer_id, auto_deduct=True
    )
    reverse(street, street.home)
    street.session.query(RoomArea).filter_by(room_id=street.home.id).update({"built_area": D(90)})
    run = bill(street)
    right = street.session.scalars(select(Bill).where(Bill.bill_run_id == run.id)).one()
    assert (right.total_fen, right.paid_fen) == (28_200, 28_200)
    assert street.session.scalars(select(PrepaymentAccount.balance_fen)).one() == 2_800
    assert prove(street.session).ok


def test_what_is_missing_is_told_in_figures_and_leaves_nothing_behind(street):
    run = bill(street)
    reverse(street, street.home)
    before = rows(street)
    found = supplement.lacking(street.session, run, by=street.by, at=street.at)
    assert (found.rooms, found.lines, found.total_fen) == (1, 2, 31_000)
    assert rows(street) == before


def test_an_impossible_room_does_not_keep_the_others_from_their_supplement(street):
    bill(street)
    reverse(street, street.home)
    reverse(street, street.other)
    street.session.query(RoomArea).filter_by(room_id=street.home.id).update(
        {"built_area": D("9999999999.99")}
    )
    assert ("1-1-102", "property", 28_000) in made(street, bill(street))


def test_rejected_drafts_of_a_supplement_may_be_made_again(street):
    bill(street)
    reverse(street, street.home)
    draft = take_up(street)
    assert take_up(street) is draft
    runs.decide(street.session, draft.id, Decision.REJECT, by=street.by, at=street.at, note="等等")
    assert [fen for _, _, fen in made(street, bill(street))] == [28_000, 3_000]
