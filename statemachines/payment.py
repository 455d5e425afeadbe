"""收款: money taken at the counter pays bills, oldest first or as chosen; the rest is kept for later."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from domain import clock
from domain.bills import queries
from domain.bills.model import Bill
from domain.errors import Conflict, Invalid
from domain.fees.calc.units import MAX_AMOUNT_FEN
from domain.history import audit
from domain.history.actor import Actor
from domain.payments import allocations, counter
from domain.payments.model import (
    RECEIPT_NO,
    Allocation,
    Payment,
    PaymentMethod,
)
from domain.payments.model import PaymentStatus as S
from statemachines import bill
from statemachines.engine import allowed, fire, lifecycle, locked

PAYMENT = lifecycle(
    "收款",
    Payment,
    statuses={
        S.CREATED: "已建立",
        S.PENDING: "待到账",
        S.PAID: "已到账",
        S.PARTLY_REFUNDED: "部分退款",
        S.REFUNDED: "已退款",
        S.CLOSED: "已关闭",
        S.FAILED: "失败",
    },
    verbs={
        "submit": "提交",
        "confirm": "确认到账",
        "close": "关闭",
        "fail": "失败",
        "refund_part": "部分退款",
        "refund_all": "全额退款",
    },
    rows=[
        dict(trigger="submit", source=S.CREATED, dest=S.PENDING),
        dict(trigger="confirm", source=S.PENDING, dest=S.PAID),
        dict(trigger="close", source=[S.CREATED, S.PENDING], dest=S.CLOSED),
        dict(trigger="fail", source=[S.CREATED, S.PENDING], dest=S.FAILED),
        dict(
            trigger="refund_part",
            source=[S.PAID, S.PARTLY_REFUNDED],
            dest=S.PARTLY_REFUNDED,
        ),
        dict(trigger="refund_all", source=[S.PAID, S.PARTLY_REFUNDED], dest=S.REFUNDED),
    ],
)


class NothingOwed(Conflict):
    """A chosen bill is paid, reversed or not issued: somebody may have been faster."""

    code = "nothing_owed"


class OwedChanged(Conflict):
    """What is owed is no longer what the cashier saw."""

    code = "owed_changed"


def take_at_counter(
    session: Session,
    bill_ids: Sequence[int],
    amount_fen: int,
    *,
    method: PaymentMethod,
    request_key: str,
    by: Actor,
    at: datetime,
    in_order_given: bool = False,
    seen_owed_fen: int | None = None,
    note: str | None = None,
) -> Payment:
    """Take money for one or several bills of one community.

    Pays the oldest bill first, or in the order given; what is left over becomes the payer's
    prepayment. The same `request_key` again returns the first payment (a double click).
    `seen_owed_fen`, when given, must still be what is owed.
    """
    if amount_fen <= 0:
        raise Invalid("收款金额必须大于 0")
    if amount_fen > MAX_AMOUNT_FEN:
        raise Invalid("收款金额太大，请核对单位是不是分")
    first = counter.taken_before(session, request_key, amount_fen, bill_ids, method)
    if first is not None:
        return first
    bills = _owing(session, bill_ids, seen_owed_fen)
    payment = _receive(session, bills, amount_fen, method, request_key, by=by, at=at, note=note)
    places = list(bill_ids)
    rest = amount_fen
    for owed in sorted(bills, key=lambda b: places.index(b.id) if in_order_given else _age(b)):
        fen = min(rest, owed.total_fen - owed.paid_fen)
        if fen:
            allocations.allocate(session, owed, fen, by=by, at=at, payment=payment)
            bill.settle(session, owed, fen, by=by, at=at)
            rest -= fen
    if rest:
        counter.keep_rest(session, payment, rest, by=by, at=at)
    counter.tell(session, payment, kept_fen=rest, by=by, at=at)
    return payment


def refund(session: Session, payment_id: int, *, by: Actor, at: datetime, note: str) -> Payment:
    """Give a whole counter payment back: its bills are owed again, prepayment kept of it goes too.

    Refused when that prepayment has been used meanwhile.
    """
    payment: Payment = locked(session, Payment, payment_id)
    if not allowed(PAYMENT, "refund_all", payment.status):
        fire(session, PAYMENT, payment, "refund_all", by=by, at=at)  # says why it cannot be
    rows = allocations.standing(session, Allocation.payment_id == payment.id)
    owed = {row.bill_id: row for row in rows}
    for paid in queries.lock_all(session, list(owed)):
        freed = allocations.release(session, owed[paid.id], by=by, at=at)
        bill.unsettle(session, paid, freed, by=by, at=at, note=note)
    counter.take_back_rest(session, payment, sum(row.amount_fen for row in rows), by=by, at=at)
    fire(session, PAYMENT, payment, "refund_all", by=by, at=at, note=note)
    audit.record(
        session, "payment.refund", subject="payment", subject_id=payment.id, by=by, at=at,
        receipt=payment.receipt_no, amount_fen=payment.amount_fen, note=note,
    )  # fmt: skip
    return payment


def _age(owed: Bill) -> tuple[object, ...]:
    return (owed.due_on, owed.period_start, owed.id)


def _owing(session: Session, bill_ids: Sequence[int], seen_owed_fen: int | None) -> list[Bill]:
    """The chosen bills, locked, all owing, of one community, owing what the cashier saw."""
    if not bill_ids:
        raise Invalid("请先选择要收的账单")
    bills = queries.lock_all(session, bill_ids)
    for owed in bills:
        if owed.status not in queries.OWING:
            name = bill.BILL.status_names[owed.status]
            raise NothingOwed(f"账单 {owed.no} 现在是「{name}」，不用再收款", bill=owed.no)
    if len({owed.community_id for owed in bills}) > 1:
        raise Invalid("不能在一笔收款里收不同小区的账单")
    owed_fen = sum(owed.total_fen - owed.paid_fen for owed in bills)
    if seen_owed_fen is not None and seen_owed_fen != owed_fen:
        raise OwedChanged("账单的欠款刚刚变了，请核对后再收", owed_fen=owed_fen)
    return bills


def _receive(
    session: Session,
    bills: list[Bill],
    amount_fen: int,
    method: PaymentMethod,
    request_key: str,
    *,
    by: Actor,
    at: datetime,
    note: str | None,
) -> Payment:
    """The payment row, confirmed, with its receipt number."""
    payment = Payment(
        community_id=bills[0].community_id,
        payer_id=next((owed.payer_id for owed in bills if owed.payer_id), None),
        request_key=request_key,
        asked_bills=[owed.id for owed in bills],
        method=method,
        amount_fen=amount_fen,
        received_at=at,
        received_by=by.id,
        note=note,
    )
    session.add(payment)
    session.flush()
    session.refresh(payment)
    fire(session, PAYMENT, payment, "submit", by=by, at=at)
    payment.receipt_no = (
        f"SJ{clock.local_day(at):%Y%m}{session.scalar(RECEIPT_NO.next_value()):08d}"
    )
    fire(session, PAYMENT, payment, "confirm", by=by, at=at)
    return payment
