"""The counter from the command line."""

from collections.abc import Sequence
from typing import Any

from deployments.office import OpenOffice
from domain import checked, clock
from domain.bills import queries
from domain.bills.model import Bill
from domain.money import yuan
from domain.payments.model import PaymentMethod
from domain.payments.queries import receipt
from domain.session import transaction
from domain.staff.queries import permitted
from statemachines.bill import BILL
from statemachines.payment import refund, take_at_counter


def take(
    office: OpenOffice,
    bill_nos: Sequence[str],
    amount_fen: int,
    *,
    login: str,
    method: PaymentMethod,
    key: str,
    in_order: bool = False,
) -> dict[str, Any]:
    """Take a payment for bills by number; the receipt as plain values, again for the same `key`."""
    with transaction(office.engine) as session:
        found = [queries.by_no(session, no) for no in bill_nos]
        bills = list(dict.fromkeys(found))
        by = permitted(session, login, "payments.take", community_id=bills[0].community_id)
        payment = take_at_counter(
            session, [bill.id for bill in bills], amount_fen,
            method=method, request_key=key, by=by, at=clock.now(), in_order_given=in_order,
        )  # fmt: skip
        return {
            "payment": payment.id,
            "receipt_no": payment.receipt_no,
            "status": payment.status.value,
            "amount_fen": payment.amount_fen,
            "kept_fen": receipt(session, str(payment.receipt_no)).kept_fen,
            "bills": [_bill(bill) for bill in bills],
        }


def give_back(office: OpenOffice, receipt_no: str, *, login: str, note: str) -> dict[str, Any]:
    """Refund a whole counter payment by its receipt number."""
    note = checked.reason(note, "退款的原因")
    with transaction(office.engine) as session:
        told = receipt(session, receipt_no)
        by = permitted(session, login, "payments.refund", community_id=told.community_id)
        payment = refund(session, told.payment_id, by=by, at=clock.now(), note=note)
        return {
            "payment": payment.id,
            "receipt_no": receipt_no,
            "status": payment.status.value,
            "amount_fen": payment.amount_fen,
        }


def _bill(bill: Bill) -> dict[str, Any]:
    owed = bill.total_fen - bill.paid_fen
    words = BILL.status_names[bill.status] + (f"，还欠 {yuan(owed)}" if owed else "")
    return {
        "no": bill.no,
        "status": bill.status.value,
        "paid_fen": bill.paid_fen,
        "owed_fen": owed,
        "words": words,
    }
