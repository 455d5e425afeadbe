"""What the counter announces is what the counter does."""

from datetime import date

import pytest
from sqlalchemy import select

from domain.bills import reading
from domain.payments.model import Allocation, PaymentMethod, PrepaymentAccount
from domain.payments.preview import preview
from domain.people.model import Person
from statemachines.payment import take_at_counter


@pytest.mark.parametrize("fen", [1, 2_999, 3_000, 3_001, 7_999, 8_000, 9_500, 20_000])
def test_the_preview_agrees_with_the_payment(office, session, fen):
    room, other = office.room(), office.room("1-1-102", owner="程静")
    bills = [
        office.bill(room, 5_000, month=date(2026, 11, 1)),
        office.bill(other, 3_000, month=date(2026, 10, 1)),
        office.bill(room, 1_500, month=date(2026, 12, 1)),
    ]
    ids = [bill.id for bill in bills]
    plan = preview(reading.chosen(session, ids, community_id=office.community.id), fen)
    take_at_counter(
        session, ids, fen, method=PaymentMethod.CASH, request_key="one", by=office.by, at=office.at
    )
    taken = dict(session.execute(select(Allocation.bill_id, Allocation.amount_fen)).tuples().all())
    assert {part.bill.id: part.fen for part in plan.parts if part.fen} == taken
    kept = session.execute(
        select(Person.name, PrepaymentAccount.balance_fen).join(
            PrepaymentAccount, PrepaymentAccount.person_id == Person.id
        )
    ).all()
    announced = [(plan.keeper.payer_name, plan.kept_fen)] if plan.kept_fen else []
    assert [tuple(row) for row in kept] == announced
    assert plan.settled == sum(bill.paid_fen == bill.total_fen for bill in bills)
    assert sum(part.fen for part in plan.parts) + plan.kept_fen == fen
