"""Bills and bill runs over the API."""

import pytest

from gateway.flow_server import FlowServer
from statemachines import bill_run as machine
from statemachines.bill_run import begin
from tests.gateway.web.api.conftest import refused


def test_bills_are_listed_newest_month_first_and_filtered(boss, room):
    nos = [bill.no for bill in room.bills]
    listed = boss.get("/bills").json()
    assert [row["no"] for row in listed["rows"]] == nos[::-1]
    assert (listed["count"], listed["more"], listed["pages"]) == (2, False, 1)
    october = boss.get("/bills", params={"month": "2026-10", "size": 1}).json()
    assert [row["no"] for row in october["rows"]] == nos[:1]
    assert boss.get("/bills", params={"room": "2-1"}).json()["rows"] == []
    assert boss.get("/bills", params={"status": "paid"}).json()["count"] == 0


def test_a_bill_says_why(boss, room):
    told = boss.get(f"/bills/{room.bills[0].no}").json()
    assert (told["room_code"], told["payer_name"], told["owed_fen"]) == ("1-1-101", "潘超", 10_000)
    assert [(line["title"], line["amount_fen"]) for line in told["lines"]] == [("factory", 10_000)]
    refused(boss.get("/bills/ZD999999999"), 404, "bill_not_found")


def test_a_bill_is_reversed_only_as_it_was_seen(boss, room, program):
    path = f"/bills/{room.bills[0].no}/reversal"
    refused(
        program(room.cashier).post(path, {"note": "算错了", "seen_paid_fen": 0}),
        403,
        "not_permitted",
    )
    said = refused(boss.post(path, {"note": "算错了", "seen_paid_fen": 100}), 409, "bill_moved")
    assert said["facts"] == {"paid_fen": 0}
    told = boss.post(path, {"note": "算错了", "seen_paid_fen": 0}).json()
    assert (told["status_name"], told["owed_fen"]) == ("已红冲", 0)
    refused(boss.post(path, {"note": "算错了", "seen_paid_fen": 0}), 409, "not_allowed_now")


@pytest.fixture
def drafts(scene):
    """A bill run of one bill of ¥120.00 that waits for a decision, and who may decide."""
    with scene() as office:
        bill = office.bill(office.room("9-1-101"), 12_000, issued=False)
        run = begin(office.session, bill.bill_run_id, by=office.clock, at=office.at)
        for chunk in machine.chunks.undrafted(office.session, run.id):
            chunk.drafted_at = office.at
        machine.submit(office.session, run.id, by=office.clock, at=office.at)
    run.office = office
    run.path = f"/bill-runs/{run.id}"
    return run


def test_runs_are_listed_with_their_figures(program, drafts):
    reader = program(drafts.office.manager, "bills.see")
    rows = reader.get("/bill-runs", params={"status": "awaiting_approval"}).json()["rows"]
    assert [(row["id"], row["status_name"]) for row in rows] == [(drafts.id, "待审批")]
    told = reader.get(drafts.path).json()
    assert (told["bills"], told["total_fen"], told["decision"]) == (1, 12_000, None)


def test_a_decision_counts_for_the_figures_that_were_seen(program, drafts, app):
    manager = program(drafts.office.manager)
    path, word = f"{drafts.path}/decision", {"decision": "approve", "bills": 1, "total_fen": 12_000}
    reader = program(drafts.office.manager, "bills.see")
    refused(reader.post(path, word), 403, "not_permitted")
    refused(manager.post(path, {**word, "total_fen": 1}), 409, "figures_changed")
    refused(manager.post(path, {**word, "decision": "reject"}), 422, "request_invalid")
    prefect = app.state.flow_server
    for server, heard in ((FlowServer(None), False), (prefect, True)):  # away; then the same again
        app.state.flow_server = server
        told = manager.post(path, word).json()
        assert (told["status"], told["decision"]["actor_name"]) == ("approved", "周经理")
        assert told["flow_told"] is heard
    refused(
        manager.post(path, {**word, "decision": "reject", "note": "不对"}), 409, "already_decided"
    )


def test_a_run_is_reversed_only_once_it_is_issued(program, drafts):
    manager = program(drafts.office.manager)
    sent = {"note": "整月算错", "bills": 1, "total_fen": 12_000}
    refused(manager.post(f"{drafts.path}/reversal", sent), 409, "not_allowed_now")
