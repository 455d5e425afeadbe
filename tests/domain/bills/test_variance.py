"""The figures a manager sees before approving."""

from datetime import date

from sqlalchemy import select

from domain.bills import variance
from domain.bills.model import BillRun, Decision
from domain.fees.model import FeeBasis
from domain.rooms.model import RoomArea, RoomKind
from statemachines import bill_run as runs
from tests.domain.bills.month import D, drafted
from tests.domain.bills.test_drafting import issue

DECEMBER = date(2026, 12, 1)


def summary(office, run):
    return variance.summarize(office.session, run)


def test_an_empty_month(office):
    told = summary(office, drafted(office))
    assert told == {
        "bills": 0, "lines": 0, "total_fen": 0, "rooms": 0, "last": None, "by_item": [], "movers": [],
        "zero_bills": {"count": 0, "rooms": []}, "problems": [],
        "no_payer": {"count": 0, "rooms": []}, "anomalies": 0,
    }  # fmt: skip


def test_totals_by_item_and_kind(office):
    item = office.fee(name="物业费")
    office.tariff(item, "2.80")
    office.tariff(item, "5.00", kind=RoomKind.SHOP)
    office.room("1-1-101")
    office.room("1-1-102", owner="乙")
    office.room("1-1-1", owner="店主", kind=RoomKind.SHOP)
    told = summary(office, drafted(office))
    assert (told["bills"], told["lines"], told["total_fen"], told["rooms"]) == (3, 3, 106_000, 3)
    assert told["by_item"] == [
        {"item": "物业费", "kind": "住宅", "lines": 2, "total_fen": 56_000, "last_fen": 0},
        {"item": "物业费", "kind": "商铺", "lines": 1, "total_fen": 50_000, "last_fen": 0},
    ]


def test_beside_the_last_issued_run(office):
    item = office.fee(name="物业费")
    office.tariff(item, "2.80")
    rooms = [office.room(f"1-1-{n}", owner=f"业主{n}") for n in range(3)]
    issue(office, drafted(office))
    for area in office.session.scalars(select(RoomArea).where(RoomArea.room_id == rooms[1].id)):
        area.built_area = D("50.00")
    office.charge(rooms[2], item, unit_price=D("4.80"))
    office.session.flush()
    told = summary(office, drafted(office, DECEMBER))
    assert told["last"] == {"month": "2026-11", "total_fen": 84_000, "bills": 3}
    assert told["by_item"][0]["last_fen"] == 84_000
    assert told["movers"] == [
        {"room": "1-1-2", "total_fen": 48_000, "last_fen": 28_000, "change_fen": 20_000},
        {"room": "1-1-1", "total_fen": 14_000, "last_fen": 28_000, "change_fen": -14_000},
    ]


def test_a_run_that_was_not_issued_is_no_last_time(office):
    office.tariff(office.fee(), "2.80")
    office.room()
    run = drafted(office)
    runs.decide(office.session, run.id, Decision.REJECT, by=office.by, at=office.at)
    assert summary(office, drafted(office, DECEMBER))["last"] is None


def test_what_needs_a_look(office):
    item = office.fee()
    office.tariff(item, "2.80")
    free = office.fee("free", basis=FeeBasis.FIXED, listed_only=True)
    office.tariff(free, "0")
    for n in range(60):
        office.room(f"1-1-{n}", area=None, owner=f"业主{n}")
    office.charge(office.room("2-1-1", area=None, owner="零"), free)
    office.room("3-1-1", owner=None)
    told = summary(office, drafted(office))
    problem, unpaid = told["problems"]
    assert (unpaid["code"], unpaid["rooms"]) == ("payer_missing", ["3-1-1"])
    assert (problem["code"], problem["count"]) == ("area_missing", 61)
    assert problem["rooms"] == [f"1-1-{n}" for n in range(50)]
    assert "面积" in problem["message"]
    assert told["zero_bills"] == {"count": 1, "rooms": ["2-1-1"]}
    assert told["no_payer"] == {"count": 1, "rooms": ["3-1-1"]}
    assert told["anomalies"] == 63


def test_a_submitted_run_keeps_its_figures(office):
    office.tariff(office.fee(), "2.80")
    office.room()
    run = issue(office, drafted(office))
    kept = office.session.scalar(select(BillRun.summary).where(BillRun.id == run.id))
    assert (kept["bills"], kept["total_fen"], kept["anomalies"]) == (1, 28_000, 0)
