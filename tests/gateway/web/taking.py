"""Steps of taking money that several tests share."""

import re

from sqlalchemy import func, select

from domain.bills.model import Bill
from domain.payments.model import Allocation, Payment, PrepaymentAccount
from domain.session import transaction

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def confirm(till, room, **form):
    till.get(room.path)
    return till.post(
        f"{room.path}/confirm", **{"bills": room.ids, "amount": "", "method": "cash"} | form
    )


def fields(page) -> dict:
    """The hidden fields of the confirmation form."""
    form: dict = {"bills": []}
    for name, value in HIDDEN.findall(page.text.split("data-once")[1]):
        form["bills"].append(value) if name == "bills" else form.update({name: value})
    return form


def bills_of(engine):
    with transaction(engine) as session:
        rows = session.scalars(select(Bill).order_by(Bill.period_start))
        return [(bill.status, bill.paid_fen) for bill in rows]


def money(engine):
    """(payments, fen taken, fen on bills, fen kept)"""
    with transaction(engine) as session:
        return (
            session.scalar(select(func.count()).select_from(Payment)),
            int(session.scalar(select(func.coalesce(func.sum(Payment.amount_fen), 0)))),
            int(session.scalar(select(func.coalesce(func.sum(Allocation.amount_fen), 0)))),
            int(session.scalar(select(func.coalesce(func.sum(PrepaymentAccount.balance_fen), 0)))),
        )
