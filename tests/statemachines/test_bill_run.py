"""出账批次: the table, one live run per month, and exactly what was approved."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills.decisions import AlreadyDecided, DraftsChanged
from domain.bills.model import BillLine, BillRun, BillRunStatus, BillStatus, Decision
from domain.errors import NotAllowedNow
from statemachines import bill_run as runs
from statemachines.engine import fire
from tests.statemachines import squares

TABLE = {
    ("created", "draft"): "drafting",
    ("drafting", "submit"): "awaiting_approval",
    ("drafting", "reject"): "rejected",
    ("awaiting_approval", "approve"): "approved",
    ("awaiting_approval", "reject"): "rejected",
    ("approved", "start_issue"): "issuing",
    ("issuing", "finish"): "issued",
    ("issued", "reverse"): "reversed",
}
MONTH = date(2026, 11, 1)


def open_run(office) -> BillRun:
    return runs.open_run(
        office.session, community_id=office.community.id, month=MONTH, by=office.clock, at=office.at
    )


@pytest.fixture
def awaiting(office):
    """A run with one draft bill of ¥100.00, waiting for a person."""
    office.bill(office.room(), 10_000, issued=False)
    run = open_run(office)
    for verb in ("draft", "submit"):
        fire(office.session, runs.BILL_RUN, run, verb, by=office.clock, at=office.at)
    return run


def decide(office, run, decision):
    return runs.decide(office.session, run.id, decision, by=office.by, at=office.at, note="看过了")


def test_every_state_times_every_verb(office):
    run = open_run(office)
    for status, verb in squares.cells(runs.BILL_RUN):
        with office.session.begin_nested() as one:
            squares.check_cell(office.session, runs.BILL_RUN, run, status, verb, TABLE)
            one.rollback()


def test_one_live_run_per_month(office):
    first = open_run(office)
    assert open_run(office) is first
    decide(office, begin(office, first), Decision.REJECT)
    assert open_run(office).id != first.id


def begin(office, run):
    return runs.begin(office.session, run.id, by=office.clock, at=office.at)


def test_approval_is_a_row_with_name_figures_and_note(office, awaiting):
    word = decide(office, awaiting, Decision.APPROVE)
    assert (word.actor_name, word.bills, word.total_fen, word.note) == (
        "周经理",
        1,
        10_000,
        "看过了",
    )
    assert awaiting.status is BillRunStatus.APPROVED


def test_the_second_decision_hears_who_was_first(office, awaiting):
    decide(office, awaiting, Decision.APPROVE)
    with pytest.raises(AlreadyDecided, match="周经理已经批准"):
        decide(office, awaiting, Decision.REJECT)


def test_drafts_cannot_be_approved_before_they_are_finished(office):
    run = begin(office, open_run(office))
    with pytest.raises(NotAllowedNow, match="计算中"):
        decide(office, run, Decision.APPROVE)


def test_rejecting_discards_the_drafts(office, awaiting):
    decide(office, awaiting, Decision.REJECT)
    bill = office.session.scalar(select(runs.Bill))
    assert bill.status is BillStatus.DISCARDED
    assert not office.session.scalars(select(BillLine).where(BillLine.live)).all()


def test_what_was_not_approved_is_not_issued(office, awaiting):
    decide(office, awaiting, Decision.APPROVE)
    office.session.scalar(select(runs.Bill)).total_fen += 1
    office.session.flush()
    with pytest.raises(DraftsChanged):
        runs.start_issue(office.session, awaiting.id, by=office.clock, at=office.at)
