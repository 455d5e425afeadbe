"""kill -9 at every step of a bill run: the next start goes on, nothing is doubled, nothing lost."""

import pytest
from sqlalchemy import Engine, func, select, text

from domain.bills.model import Bill, BillLine, BillRun, BillRunStatus, BillStatus, Decision
from domain.fees.model import FeeBasis
from domain.ledger.proof import prove
from domain.letters.model import Letter
from domain.session import snapshot, transaction
from statemachines import bill as bills
from statemachines import bill_run as machine
from tests.flows.running import Workers, alone, blocked, until

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("prefect")]

# What each step must wait for: the test holds it, sees the flow blocked on it, and kills the flow.
# SHARE lets others read: the audit looks many things up.
DRAFTING = {
    "open": "LOCK TABLE bill_run IN ACCESS EXCLUSIVE MODE",
    "begin": "LOCK TABLE bill_run_chunk IN ACCESS EXCLUSIVE MODE",
    "first chunk": "LOCK TABLE bill IN SHARE MODE",
    "second chunk": "SELECT FROM bill_run_chunk WHERE number > 1 FOR UPDATE",
    "last chunk": "SELECT FROM bill_run_chunk WHERE number = 3 FOR UPDATE",
    "in mid-chunk": "LOCK TABLE bill_line IN SHARE MODE",
    "submit": "LOCK TABLE letter IN SHARE MODE",
}
ISSUING = {
    "start": "SELECT FROM bill_run FOR UPDATE",
    "second chunk": "SELECT FROM bill_run_chunk WHERE number > 1 FOR UPDATE",
    "last chunk": "SELECT FROM bill_run_chunk WHERE number = 3 FOR UPDATE",
    "finish": "LOCK TABLE letter IN SHARE MODE",
}


@pytest.fixture
def three_buildings(committed):
    """Three chunks of two rooms each, at ¥280.00 a room."""
    item = committed.fee("property", basis=FeeBasis.BUILT_AREA, name="物业费")
    committed.tariff(item, "2.80")
    for building in "123":
        for door in ("101", "102"):
            committed.room(f"{building}-1-{door}", owner=f"业主{building}{door}")
    committed.session.commit()
    return committed


def killed_while_waiting_for(engine: Engine, workers: Workers, lock: str) -> None:
    """Hold a lock, let the flow run into it, kill -9, and wait until its transaction is gone."""
    with engine.connect() as holder:
        holder.execute(text(lock))
        run = workers.start()
        try:
            until(lambda: run.poll() is not None or blocked(engine), what=lock)
            assert run.poll() is None, f"it ended without waiting for {lock}"
        finally:
            workers.kill(run)
        holder.rollback()
    until(lambda: alone(engine))


def test_killed_at_every_step_nothing_is_doubled_or_lost(three_buildings, engine, workers):
    for lock in DRAFTING.values():
        killed_while_waiting_for(engine, workers, lock)
    workers.run_to_the_end()
    with transaction(engine) as session:
        run = session.scalars(select(BillRun)).one()
        assert run.status is BillRunStatus.AWAITING_APPROVAL
        machine.decide(
            session, run.id, Decision.APPROVE, by=three_buildings.by, at=three_buildings.at
        )
    for lock in ISSUING.values():
        killed_while_waiting_for(engine, workers, lock)
    for _ in range(2):  # finished, and finished again
        workers.run_to_the_end()
        check_result(engine)
    one_taken_back_and_made_again(three_buildings, engine, workers)


def one_taken_back_and_made_again(office, engine: Engine, workers: Workers) -> None:
    """The month is issued; a bill is reversed, and the run that makes it again is killed, too."""
    with transaction(engine) as session:
        wrong = session.scalars(select(Bill).order_by(Bill.id)).first()
        bills.reverse(session, wrong.id, by=office.by, at=office.at, note="算错了")
    for step in ("begin", "in mid-chunk", "submit"):
        killed_while_waiting_for(engine, workers, DRAFTING[step])
    workers.run_to_the_end()
    with transaction(engine) as session:
        made = session.scalars(select(BillRun).order_by(BillRun.id.desc())).first()
        machine.decide(session, made.id, Decision.APPROVE, by=office.by, at=office.at)
    killed_while_waiting_for(engine, workers, ISSUING["finish"])
    workers.run_to_the_end()
    with snapshot(engine) as session:
        runs = session.scalars(select(BillRun).order_by(BillRun.id)).all()
        assert [run.status for run in runs] == [BillRunStatus.ISSUED] * 2
        assert runs[1].supplements_id == runs[0].id
        (again,) = session.scalars(select(Bill).where(Bill.bill_run_id == runs[1].id)).all()
        assert (again.room_id, again.total_fen) == (wrong.room_id, 28_000)
        assert prove(session).ok


def check_result(engine: Engine) -> None:
    with snapshot(engine) as session:
        run = session.scalars(select(BillRun)).one()
        assert run.status is BillRunStatus.ISSUED
        bills = session.scalars(select(Bill)).all()
        assert [bill.status for bill in bills] == [BillStatus.ISSUED] * 6
        assert [bill.total_fen for bill in bills] == [28_000] * 6
        assert session.scalar(select(func.count()).select_from(BillLine)) == 6
        keys = session.scalars(select(Letter.key).where(Letter.kind == "bill.issued")).all()
        assert len(keys) == len(set(keys)) == 6
        assert prove(session).ok
