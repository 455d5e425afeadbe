"""收款: money taken at the counter pays bills, oldest first or as chosen; the rest is kept for later."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import clock, locks
from domain.bills import queries
from domain.bills.model import Bill
from domain.errors import Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.letters import outbox
from domain.payments import allocations, prepayments
from domain.payments.model import (
    RECEIPT_NO,
    Allocation,
    Payment,
    PaymentMethod,
    PrepaymentCause,
    PrepaymentEntry,
)
from domain.payments.model import PaymentStatus as S
from statemachines import bill
from statemachines.engine import fire, lifecycle, locked

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


class KeyReused(Conflict):
    """One click key, two different payments."""

    code = "request_key_reused"


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
    first = _taken_before(session, request_key, amount_fen)
    if first is not None:
        return first
    bills = _owing(session, bill_ids, seen_owed_fen)
    payment = _receive(
        session, bills, amount_fen, method, request_key, by=by, at=at, note=note
    )
    places = list(bill_ids)
    rest = amount_fen
    for owed in sorted(
        bills, key=lambda b: places.index(b.id) if in_order_given else _age(b)
    ):
        fen = min(rest, owed.total_fen - owed.paid_fen)
        if fen:
            allocations.allocate(session, owed, fen, by=by, at=at, payment=payment)
            bill.settle(session, owed, fen, by=by, at=at)
            rest -= fen
    if rest:
        _keep(session, payment, rest, by=by, at=at)
    _tell(session, payment, kept_fen=rest, by=by, at=at)
    return payment


def refund(
    session: Session, payment_id: int, *, by: Actor, at: datetime, note: str
) -> Payment:
    """Give a whole counter payment back: its bills are owed again, prepayment kept of it goes too.

    Refused when that prepayment has been used meanwhile.
    """
    payment: Payment = locked(session, Payment, payment_id)
    rows = allocations.standing(session, Allocation.payment_id == payment.id)
    owed = {row.bill_id: row for row in rows}
    for paid in queries.lock_all(session, list(owed)):
        freed = allocations.release(session, owed[paid.id], by=by, at=at)
        bill.unsettle(session, paid, freed, by=by, at=at, note=note)
    _take_back_prepayment(
        session, payment, sum(row.amount_fen for row in rows), by=by, at=at
    )
    fire(session, PAYMENT, payment, "refund_all", by=by, at=at, note=note)
    audit.record(
        session, "payment.refund", subject="payment", subject_id=payment.id, by=by, at=at,
        receipt=payment.receipt_no, amount_fen=payment.amount_fen, note=note,
    )  # fmt: skip
    return payment


def _age(owed: Bill) -> tuple[object, ...]:
    return (owed.due_on, owed.period_start, owed.id)


def _taken_before(
    session: Session, request_key: str, amount_fen: int
) -> Payment | None:
    """The payment of the first click; also serialises two clicks that come at once."""
    locks.hold(session, f"payment:{request_key}")
    first = session.scalar(select(Payment).where(Payment.request_key == request_key))
    if first is not None and first.amount_fen != amount_fen:
        raise KeyReused("这次收款已经提交过，金额不同，请刷新页面后重新收款")
    return first


def _owing(
    session: Session, bill_ids: Sequence[int], seen_owed_fen: int | None
) -> list[Bill]:
    """The chosen bills, locked, all owing, of one community, owing what the cashier saw."""
    if not bill_ids:
        raise Invalid("请先选择要收的账单")
    bills = queries.lock_all(session, bill_ids)
    for owed in bills:
        if owed.status not in queries.OWING:
            name = bill.BILL.status_names[owed.status]
            raise NothingOwed(
                f"账单 {owed.no} 现在是「{name}」，不用再收款", bill=owed.no
            )
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


def _keep(
    session: Session, payment: Payment, fen: int, *, by: Actor, at: datetime
) -> None:
    """Book what nobody owed as the payer's prepayment."""
    if payment.payer_id is None:
        raise allocations.PayerUnknown("这张账单没有登记缴费人，不能多收，请按欠款收")
    theirs = prepayments.account(
        session, community_id=payment.community_id, person_id=payment.payer_id
    )
    prepayments.move(
        session, theirs, fen,
        cause=PrepaymentCause.OVERPAID, by=by, at=at, payment_id=payment.id,
    )  # fmt: skip


def _take_back_prepayment(
    session: Session, payment: Payment, allocated_fen: int, *, by: Actor, at: datetime
) -> None:
    """What of a payment was kept as prepayment leaves the account again."""
    kept = session.scalar(
        select(PrepaymentEntry).where(
            PrepaymentEntry.payment_id == payment.id,
            PrepaymentEntry.cause == PrepaymentCause.OVERPAID,
        )
    )
    kept_fen = kept.amount_fen if kept else 0
    if allocated_fen + kept_fen != payment.amount_fen:
        raise Conflict(
            "这笔收款的部分账单已红冲并转为预存款，请从预存款退款", payment=payment.id
        )
    if kept is not None:
        prepayments.move(
            session, prepayments.lock(session, kept.account_id), -kept.amount_fen,
            cause=PrepaymentCause.REFUNDED, by=by, at=at, payment_id=payment.id,
        )  # fmt: skip


def _tell(
    session: Session, payment: Payment, *, kept_fen: int, by: Actor, at: datetime
) -> None:
    """Audit the payment and queue the payer's receipt letter."""
    audit.record(
        session, "payment.take", subject="payment", subject_id=payment.id, by=by, at=at,
        receipt=payment.receipt_no, amount_fen=payment.amount_fen, kept_fen=kept_fen,
    )  # fmt: skip
    if payment.payer_id is not None:
        outbox.put(
            session,
            "payment.received",
            key=f"payment:{payment.id}:received",
            facts={
                "payment": payment.id,
                "amount_fen": payment.amount_fen,
                "kept_fen": kept_fen,
            },
            person_id=payment.payer_id,
            community_id=payment.community_id,
            at=at,
        )
