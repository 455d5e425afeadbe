"""What the counter's verbs ask and write beside the status: clicks, leftovers, receipts by letter."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict
from domain.history import audit
from domain.history.actor import Actor
from domain.letters import outbox
from domain.payments import allocations, prepayments
from domain.payments.model import (
    Payment,
    PaymentMethod,
    PrepaymentCause,
    PrepaymentEntry,
)


class KeyReused(Conflict):
    """One click key, two different payments."""

    code = "request_key_reused"


def taken_before(
    session: Session,
    request_key: str,
    amount_fen: int,
    bill_ids: Collection[int],
    method: PaymentMethod,
) -> Payment | None:
    """The payment of the first click; also serialises two clicks that come at once.

    Refused where the first was another payment: whoever asks would believe these bills paid.
    """
    locks.hold(session, f"payment:{request_key}")
    first = session.scalar(select(Payment).where(Payment.request_key == request_key))
    if first is not None and (other := _unlike(first, amount_fen, bill_ids, method)):
        said = f"这次收款已经提交过，{other}，请刷新页面后重新收款"
        raise KeyReused(said, receipt_no=first.receipt_no)
    return first


def _unlike(
    first: Payment, amount_fen: int, bill_ids: Collection[int], method: PaymentMethod
) -> str:
    """In which way a payment is not the one that is asked for; "" where it is."""
    if first.amount_fen != amount_fen:
        return "金额不同"
    if first.method != method:
        return "收款方式不同"
    return "" if set(first.asked_bills) == set(bill_ids) else "收的是别的账单"


def keep_rest(session: Session, payment: Payment, fen: int, *, by: Actor, at: datetime) -> None:
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


def take_back_rest(
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
        raise Conflict("这笔收款的部分账单已红冲并转为预存款，请从预存款退款", payment=payment.id)
    if kept is not None:
        prepayments.move(
            session, prepayments.lock(session, kept.account_id), -kept.amount_fen,
            cause=PrepaymentCause.REFUNDED, by=by, at=at, payment_id=payment.id,
        )  # fmt: skip


def tell(session: Session, payment: Payment, *, kept_fen: int, by: Actor, at: datetime) -> None:
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
