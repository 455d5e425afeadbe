"""账单: the whole table, and what the set verbs do."""

from datetime import date

from sqlalchemy import func, select

from domain.bills.model import Bill, BillLine, BillStatus
from domain.history.model import StatusChange
from statemachines import bill as bills
from tests.statemachines import squares

TABLE = {
    ("draft", "issue"): "issued",
    ("draft", "discard"): "discarded",
    ("issued", "pay_part"): "partly_paid",
    ("issued", "pay_off"): "paid",
    ("issued", "write_off"): "written_off",
    ("issued", "reverse"): "reversed",
    ("partly_paid", "pay_part"): "partly_paid",
    ("partly_paid", "pay_off"): "paid",
    ("partly_paid", "unpay_part"): "partly_paid",
    ("partly_paid", "unpay_all"): "issued",
    ("partly_paid", "write_off"): "written_off",
    ("partly_paid", "reverse"): "reversed",
    ("paid", "unpay_part"): "partly_paid",
    ("paid", "unpay_all"): "issued",
    ("paid", "reverse"): "reversed",
}
PAID_FEN = {"partly_paid": 40, "paid": 100}


def test_every_state_times_every_verb(office):
    bill = office.bill(office.room(), 100)
    for status, verb in squares.cells(bills.BILL):
        with office.session.begin_nested() as one:
            squares.check_cell(
                office.session, bills.BILL, bill, status, verb, TABLE,
                dress=lambda status: {"paid_fen": PAID_FEN.get(status, 0)},
            )  # fmt: skip
            one.rollback()


def test_issuing_a_set_moves_only_drafts_and_writes_history(office):
    drafts = [office.bill(office.room(f"1-1-10{i}"), 100, issued=False) for i in range(3)]
    done = office.bill(office.room("1-1-109"), 100)
    moved = bills.issue_all(
        office.session, Bill.bill_run_id == done.bill_run_id,
        due_on=date(2026, 12, 1), by=office.clock, at=office.at,
    )  # fmt: skip
    assert moved == 3
    assert {bill.status for bill in drafts} == {BillStatus.ISSUED}
    rows = office.session.execute(
        select(StatusChange.thing_id, StatusChange.from_status, StatusChange.to_status).where(
            StatusChange.thing_id.in_([bill.id for bill in drafts])
        )
    ).all()
    assert sorted(rows) == sorted((bill.id, "draft", "issued") for bill in drafts)


def test_a_verb_from_several_states_writes_where_each_row_came_from(office):
    office.bill(office.room("1-1-101"), 0)
    assert bills.close_empty(office.session, by=office.clock, at=office.at) == 1
    was = office.session.scalar(
        select(StatusChange.from_status).where(StatusChange.verb == "pay_off")
    )
    assert was == "issued"


def test_reversal_mirrors_every_line_and_frees_the_place(office):
    bill = office.bill(office.room(), 12_345)
    bills.reverse(office.session, bill.id, by=office.by, at=office.at, note="面积有误")
    lines = office.session.scalars(select(BillLine).where(BillLine.bill_id == bill.id)).all()
    assert sorted(line.amount_fen for line in lines) == [-12_345, 12_345]
    assert not any(line.live for line in lines)
    assert office.session.scalar(select(func.sum(BillLine.amount_fen))) == 0


def test_discarding_a_run_frees_the_place_of_its_lines(office):
    bill = office.bill(office.room(), 12_345, issued=False)
    moved = bills.discard_all(
        office.session, bill.bill_run_id, by=office.by, at=office.at, note="重算"
    )
    assert (moved, bill.status) == (1, BillStatus.DISCARDED)
    assert office.session.scalar(select(func.count()).where(BillLine.live)) == 0
