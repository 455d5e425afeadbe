"""A whole run by its verbs: issued, paid by prepayment, told, taken back."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills import chunks, drafting
from domain.bills.model import Bill, BillRun, BillRunStatus, BillStatus, Decision
from domain.errors import NotAllowedNow
from domain.ledger.proof import prove
from domain.letters.model import Letter, LetterStatus
from domain.payments import prepayments
from domain.payments.model import PrepaymentAccount
from domain.people.model import Person
from domain.rooms.model import Room
from statemachines import bill as bills
from statemachines import bill_run as runs
from statemachines.payment import take_at_counter
from tests.domain.bills.month import drafted

MONTH = date(2026, 11, 1)


@pytest.fixture
def street(office):
    """Three homes at ¥280.00; 潘超 owns two of them."""
    office.tariff(office.fee(), "2.80")
    office.room("1-1-101")
    second = office.room("2-1-101", owner=None)
    office.lives(second, payer(office, "潘超"))
    office.room("2-1-102", owner="苏霞")
    return office


def payer(office, name):
    return office.session.scalars(select(Person).where(Person.name == name)).one()


def approved(office) -> BillRun:
    run = drafted(office)
    runs.submit(office.session, run.id, by=office.clock, at=office.at)
    runs.decide(office.session, run.id, Decision.APPROVE, by=office.by, at=office.at)
    return run


def issue(office, run, *, finish=True) -> list[Bill]:
    runs.start_issue(office.session, run.id, by=office.clock, at=office.at)
    for chunk in chunks.unissued(office.session, run.id):
        runs.issue_chunk(office.session, chunk.id, by=office.clock, at=office.at)
    if finish:
        runs.finish(office.session, run.id, by=office.clock, at=office.at)
    found = select(Bill).where(Bill.bill_run_id == run.id).order_by(Bill.id)
    return list(office.session.scalars(found.execution_options(populate_existing=True)))


def told(office, run) -> list[LetterStatus]:
    found = select(Letter.status).where(Letter.kind == "bill.issued").order_by(Letter.id)
    return list(office.session.scalars(found))


def test_one_letter_per_payer_and_prepayment_pays_where_it_may(street):
    account = prepayments.account(
        street.session, community_id=street.community.id, person_id=payer(street, "潘超").id
    )
    home = street.session.scalars(select(Room).where(Room.code == "1-1-101")).one()
    first = street.bill(home, 100)
    take_at_counter(
        street.session, [first.id], 30_100, method="cash", request_key="k", by=street.by, at=street.at
    )  # fmt: skip
    prepayments.opt_in(
        street.session, community_id=street.community.id, person_id=account.person_id, auto_deduct=True
    )  # fmt: skip
    first.bill_run_id = other_month(street)
    made = issue(street, approved(street))
    assert [(bill.status, bill.paid_fen) for bill in made] == [
        (BillStatus.PAID, 28_000), (BillStatus.PARTLY_PAID, 2_000), (BillStatus.ISSUED, 0),
    ]  # fmt: skip
    assert len(told(street, made)) == 2
    assert {bill.due_on for bill in made} == {date(2026, 12, 1)}
    assert prove(street.session).ok


def other_month(office) -> int:
    """The bill of the fixture belongs to an earlier month."""
    run = office.session.scalars(select(BillRun)).one()
    run.period_start, run.period_end = date(2026, 10, 1), MONTH
    office.session.flush()
    return run.id


def test_drafts_that_are_not_all_computed_are_not_submitted(street):
    run = runs.open_run(
        street.session, community_id=street.community.id, month=MONTH, by=street.clock, at=street.at
    )
    runs.begin(street.session, run.id, by=street.clock, at=street.at)
    one, two = chunks.undrafted(street.session, run.id)
    drafting.draft(street.session, one.id, at=street.at)
    with pytest.raises(NotAllowedNow, match="没有算完"):
        runs.submit(street.session, run.id, by=street.clock, at=street.at)
    drafting.draft(street.session, two.id, at=street.at)
    assert runs.submit(street.session, run.id, by=street.clock, at=street.at) is run


def test_a_bill_reversed_while_the_others_are_issued_does_not_stop_the_run(street):
    run = approved(street)
    made = issue(street, run, finish=False)
    bills.reverse(street.session, made[0].id, by=street.by, at=street.at, note="面积有误")
    runs.finish(street.session, run.id, by=street.clock, at=street.at)
    assert run.status is BillRunStatus.ISSUED
    assert prove(street.session).ok


def test_payers_of_a_large_run_are_told_in_parts_ahead_of_its_end(street):
    run = approved(street)
    with pytest.raises(NotAllowedNow, match="没有出完"):
        runs.tell(street.session, run.id, 0, 2, at=street.at)
    issue(street, run, finish=False)
    parts = [runs.tell(street.session, run.id, part, 2, at=street.at) for part in (0, 1, 0, 1)]
    assert (sum(parts), parts[2:], len(told(street, run))) == (2, [0, 0], 2)
    runs.finish(street.session, run.id, by=street.clock, at=street.at)
    assert (run.status, len(told(street, run))) == (BillRunStatus.ISSUED, 2)
    assert runs.tell(street.session, run.id, 0, 1, at=street.at) == 0


def test_who_was_not_told_in_a_part_is_told_with_the_end(street):
    run = approved(street)
    issue(street, run, finish=False)
    runs.tell(street.session, run.id, payer(street, "潘超").id % 2, 2, at=street.at)
    assert len(told(street, run)) in (1, 2)
    runs.finish(street.session, run.id, by=street.clock, at=street.at)
    assert len(told(street, run)) == 2


def test_a_letter_taken_back_meanwhile_hides_nobody_who_was_not_told(street):
    run = approved(street)
    made = issue(street, run, finish=False)
    mine = payer(street, "潘超").id
    runs.tell(street.session, run.id, mine % 1000, 1000, at=street.at)
    for bill in made:
        if bill.payer_id == mine:
            bills.reverse(street.session, bill.id, by=street.by, at=street.at, note="算错了")
    runs.finish(street.session, run.id, by=street.clock, at=street.at)
    other = payer(street, "苏霞").id
    assert street.session.scalars(select(Letter.status).where(Letter.person_id == other)).all()


def test_a_whole_run_is_taken_back_and_made_again(street):
    run = approved(street)
    made = issue(street, run)
    for n, (bill, fen) in enumerate(zip(made, (28_000, 500), strict=False)):
        take_at_counter(
            street.session, [bill.id], fen, method="cash", request_key=f"k{n}", by=street.by, at=street.at
        )  # fmt: skip
    runs.reverse(street.session, run.id, by=street.by, at=street.at, note="单价录错")
    again = select(Bill).where(Bill.bill_run_id == run.id).execution_options(populate_existing=True)
    assert {bill.status for bill in street.session.scalars(again)} == {BillStatus.REVERSED}
    assert set(told(street, run)) == {LetterStatus.SUPERSEDED}
    assert street.session.scalars(select(PrepaymentAccount.balance_fen)).one() == 28_500
    assert prove(street.session).ok
    with pytest.raises(NotAllowedNow, match="已红冲"):
        runs.reverse(street.session, run.id, by=street.by, at=street.at, note="再来")
    renewed = issue(street, approved(street))
    assert [bill.total_fen for bill in renewed] == [28_000] * 3
    assert prove(street.session).ok
