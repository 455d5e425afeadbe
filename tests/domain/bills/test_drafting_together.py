"""Two at the same chunk, a rejection in the middle, a worker that dies: nothing doubled, nothing lost."""

import threading
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from domain.bills import chunks, drafting
from domain.bills.model import Bill, BillLine, BillRunChunk, BillStatus, Decision
from domain.history.actor import Actor
from domain.session import transaction
from statemachines import bill_run as runs
from tests.domain.bills.month import begun
from tests.factories.office import Office
from tests.support.waiting import wait_until_somebody_waits

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def committed(engine, vault):
    """A committed street with one undrafted chunk; its id."""
    with transaction(engine) as session:
        office = Office(session, vault, at=AT)
        office.tariff(office.fee(), "2.80")
        for n in range(40):
            office.room(f"1-1-{n}", owner=f"业主{n}")
        (chunk,) = chunks.undrafted(session, begun(office).id)
        return chunk.id


def written(engine):
    with transaction(engine) as session:
        return session.execute(
            select(func.count(), func.sum(BillLine.amount_fen)).select_from(BillLine)
        ).one()


def test_two_workers_at_the_same_chunk_write_it_once(engine, committed):
    found = []

    def work():
        with transaction(engine) as session:
            found.append(drafting.draft(session, committed, at=AT))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=30)
    assert sorted(found) == [0, 40]
    assert written(engine) == (40, 40 * 28_000)


def test_a_rejection_waits_for_the_chunk_and_discards_it(engine, committed):
    def reject():
        with transaction(engine) as other:
            run = other.get_one(BillRunChunk, committed).bill_run_id
            runs.decide(other, run, Decision.REJECT, by=Actor.clock("test"), at=AT)

    with transaction(engine) as session:
        drafting.draft(session, committed, at=AT)
        rejecting = threading.Thread(target=reject)
        rejecting.start()
        wait_until_somebody_waits(engine)
    rejecting.join(timeout=30)
    with transaction(engine) as session:
        assert set(session.scalars(select(Bill.status))) == {BillStatus.DISCARDED}
        assert not session.scalar(select(func.count()).select_from(BillLine).where(BillLine.live))


def test_a_killed_worker_leaves_nothing_and_the_next_one_everything(engine, committed):
    with Session(engine) as session:
        drafting.draft(session, committed, at=AT)  # and no commit: the process is gone
    assert written(engine)[0] == 0
    with transaction(engine) as session:
        drafting.draft(session, committed, at=AT)
    assert written(engine) == (40, 40 * 28_000)


FOREIGN_BILL = """
    INSERT INTO bill (no, community_id, bill_run_id, room_id, period_start, period_end, total_fen)
    SELECT 'X', r.community_id, c.bill_run_id, r.id, '2026-11-01', '2026-12-01', 5
      FROM bill_run_chunk c JOIN room r ON r.id = c.first_room_id"""
FOREIGN_LINE = """
    INSERT INTO bill_line (bill_id, room_id, fee_item_id, basis, period_start, period_end, days,
                           period_days, amount_fen)
    SELECT b.id, b.room_id, i.id, 'built_area', b.period_start, b.period_end, 30, 30, 5
      FROM bill b, fee_item i"""


def test_a_line_that_another_transaction_is_just_writing_is_left_alone(engine, committed):
    found = []

    def work():
        with transaction(engine) as session:
            found.append(drafting.draft(session, committed, at=AT))

    with transaction(engine) as other:
        other.execute(text(FOREIGN_BILL))
        other.execute(text(FOREIGN_LINE))
        drafter = threading.Thread(target=work)
        drafter.start()
        wait_until_somebody_waits(engine)  # at the named constraint
    drafter.join(timeout=30)
    assert found == [39]
    assert written(engine) == (40, 39 * 28_000 + 5)
    with transaction(engine) as session:
        assert session.scalar(select(func.sum(Bill.total_fen))) == 39 * 28_000 + 5
