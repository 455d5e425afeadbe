"""Two colleagues at the same moment: a month taken back while a cashier takes money, two supplements."""

from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillRun, BillRunStatus, BillStatus
from domain.ledger.proof import prove
from domain.payments import prepayments
from domain.payments.model import Payment, PrepaymentAccount
from domain.session import snapshot, transaction
from statemachines import bill as bills
from statemachines import bill_run as runs
from statemachines import supplement
from statemachines.payment import NothingOwed, take_at_counter
from tests.conftest import AT
from tests.factories.office import Office
from tests.flows.running import blocked, until
from tests.statemachines.test_supplement import NOVEMBER, bill

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def issued(engine, vault):
    """Two homes of two owners, November issued and committed."""
    with Session(engine, expire_on_commit=False) as session:
        office = Office(session, vault, at=AT)
        office.tariff(office.fee(), "2.80")
        office.room("1-1-101")
        office.room("1-1-102", owner="苏霞")
        office.run = bill(office)
        found = select(Bill.id).where(Bill.bill_run_id == office.run.id).order_by(Bill.id)
        office.bills = list(session.scalars(found))
        session.commit()
        yield office


def pay(engine, office, bill_id, fen) -> None:
    with transaction(engine) as session:
        take_at_counter(
            session, [bill_id], fen, method="cash", request_key=f"k{bill_id}", by=office.by, at=AT
        )


def take_back(engine, office) -> None:
    with transaction(engine) as session:
        runs.reverse(session, office.run.id, by=office.by, at=AT, note="单价录错", seen_paid_fen=0)


def in_turn(engine, lock, *acts) -> list[Future]:
    """Start the acts while the lock is held, each once the one before waits; then let go."""
    with ThreadPoolExecutor(len(acts)) as pool, engine.connect() as holder:
        holder.execute(text(lock))
        started = []
        for n, act in enumerate(acts, 1):
            started.append(pool.submit(act))
            until(lambda n=n: blocked(engine, at_least=n), what=f"{n} waiting")
        holder.rollback()
    return started


def test_money_that_comes_while_a_month_is_taken_back_is_not_taken(issued, engine):
    lock = f"SELECT FROM bill WHERE id = {issued.bills[0]} FOR UPDATE"
    back, paid = in_turn(
        engine, lock, lambda: take_back(engine, issued),
        lambda: pay(engine, issued, issued.bills[0], 28_000),
    )  # fmt: skip
    assert back.exception() is None
    assert isinstance(paid.exception(), NothingOwed)
    assert "已红冲" in str(paid.exception())
    check(engine, {BillStatus.REVERSED}, payments=0)


def test_a_month_is_not_taken_back_over_money_that_came_first(issued, engine):
    lock = f"SELECT FROM bill WHERE id = {issued.bills[0]} FOR UPDATE"
    paid, back = in_turn(
        engine, lock, lambda: pay(engine, issued, issued.bills[0], 28_000),
        lambda: take_back(engine, issued),
    )  # fmt: skip
    assert paid.exception() is None
    assert isinstance(back.exception(), runs.MoneyMoved)
    assert "刚刚收了款" in str(back.exception())
    check(engine, {BillStatus.ISSUED, BillStatus.PAID}, payments=1)


def test_a_cashier_who_holds_an_account_does_not_cross_a_month_taken_back(issued, engine):
    """He has an account of theirs and waits for the audit; the reversal must not have that yet."""
    with transaction(engine) as session:
        take_at_counter(
            session, issued.bills, 56_000, method="cash", request_key="k", by=issued.by, at=AT
        )
    with ThreadPoolExecutor(1) as pool, Session(engine) as cashier:
        person = select(Bill.payer_id).where(Bill.id == issued.bills[1])
        prepayments.account(
            cashier, community_id=issued.community.id, person_id=cashier.scalars(person).one()
        )
        back = pool.submit(runs_reverse, engine, issued)
        until(lambda: blocked(engine), what="the reversal waiting for the account")
        cashier.execute(text("SET LOCAL lock_timeout = '20s'"))
        cashier.execute(text("SELECT pg_advisory_xact_lock(7031500)"))  # the audit's chain
        cashier.commit()
    assert back.exception() is None
    check(engine, {BillStatus.REVERSED}, payments=1)
    with snapshot(engine) as session:
        assert session.scalar(select(func.sum(PrepaymentAccount.balance_fen))) == 56_000


def runs_reverse(engine, office) -> None:
    with transaction(engine) as session:
        runs.reverse(session, office.run.id, by=office.by, at=AT, note="单价录错")


def test_two_supplements_at_once_are_one(issued, engine):
    with transaction(engine) as session:
        bills.reverse(session, issued.bills[0], by=issued.by, at=AT, note="算错了")

    def take_up() -> int:
        with transaction(engine) as session:
            return supplement.take_up(
                session, community_id=issued.community.id, month=NOVEMBER, by=issued.clock, at=AT
            ).id

    one, two = in_turn(
        engine, "LOCK TABLE bill_run_chunk IN ACCESS EXCLUSIVE MODE", take_up, take_up
    )
    assert one.result() == two.result()
    with snapshot(engine) as session:
        made = session.scalars(select(BillRun).where(BillRun.supplements_id.is_not(None))).one()
        assert made.status is BillRunStatus.DRAFTING


def check(engine, statuses, *, payments) -> None:
    with snapshot(engine) as session:
        assert set(session.scalars(select(Bill.status))) == statuses
        assert session.scalar(select(func.count()).select_from(Payment)) == payments
        assert prove(session).ok
