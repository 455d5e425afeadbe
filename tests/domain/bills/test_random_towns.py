"""Random towns, three months long: what PostgreSQL drafts is what plain Python computes, to the fen."""

from collections import Counter
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.bills.model import Bill, BillLine, BillRunProblem
from tests.domain.bills.month import drafted
from tests.domain.bills.random_town import Town
from tests.domain.bills.reference import Reference

MONTHS = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]


@settings(
    max_examples=15, deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a town is drawn for seconds: no shrinking
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
@given(data=st.data())
def test_sql_drafts_what_python_computes(office, data):
    with office.session.begin_nested() as one:
        try:
            Town(data.draw, office).build()
            for month in MONTHS:
                three_ways(office, month)
        finally:
            one.rollback()


def three_ways(office, month):
    """Python's month and PostgreSQL's, and the bills against their lines."""
    expected = Reference(office.session, month).run()
    run = drafted(office, month)
    compare(office.session, run, expected)
    add_up(office.session, run)


def compare(session, run, expected):
    """Lines and problems, as multisets; no bill is negative: what credits too much waits."""
    rows = session.execute(
        select(BillLine.room_id, Bill.payer_id, BillLine.fee_item_id, BillLine.period_start, BillLine.period_end,
               BillLine.amount_fen, BillLine.tax_fen, BillLine.quantity, BillLine.unit_price, BillLine.days,
               BillLine.period_days)
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(Bill.bill_run_id == run.id)
    )  # fmt: skip
    waiting = postponed(expected.lines)
    wanted = [
        (*told[:3], *told[4:]) for told in expected.lines if (told[0], told[2]) not in waiting
    ]
    assert Counter(map(plain, rows)) == Counter(map(plain, wanted))
    named = session.execute(
        select(BillRunProblem.room_id, BillRunProblem.fee_item_id, BillRunProblem.code)
        .where(BillRunProblem.bill_run_id == run.id)
    )  # fmt: skip
    nobody = {(told[0], None, "payer_missing") for told in expected.lines if told[1] is None}
    negative = {(*found, "bill_negative") for found in waiting}
    assert {tuple(row) for row in named} == expected.problems | nobody | negative


def postponed(lines):
    """(room, item) of what credits more than somebody in the room is charged."""
    sums = Counter()
    for told in lines:
        sums[told[0], told[1]] += told[6]
    overdrawn = {room for (room, _), fen in sums.items() if fen < 0}
    return {(told[0], told[2]) for told in lines if told[0] in overdrawn and told[6] < 0}


def add_up(session, run):
    """Every bill is the sum of its lines."""
    lines = (
        select(func.sum(BillLine.amount_fen)).where(BillLine.bill_id == Bill.id).scalar_subquery()
    )
    wrong = select(Bill.no).where(Bill.bill_run_id == run.id, Bill.total_fen != lines)
    assert session.scalars(wrong).all() == []


def plain(row):
    """Numbers by value, whatever their scale; a price as its column keeps it."""
    return tuple(value.normalize() if isinstance(value, Decimal) else value for value in row)
