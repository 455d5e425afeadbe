"""Payments, what they paid, and money owners left with us. Nothing here is ever deleted."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored

RECEIPT_NO = Sequence("receipt_no_seq", metadata=Base.metadata)


class PaymentMethod(StrEnum):
    """How counter money came in."""

    CASH = "cash"
    TRANSFER = "transfer"
    POS = "pos"


PAYMENT_METHOD_NAMES = {
    PaymentMethod.CASH: "现金",
    PaymentMethod.TRANSFER: "转账",
    PaymentMethod.POS: "刷卡",
}


class PaymentStatus(StrEnum):
    """收款状态."""

    CREATED = "created"
    PENDING = "pending"
    PAID = "paid"
    PARTLY_REFUNDED = "partly_refunded"
    REFUNDED = "refunded"
    CLOSED = "closed"
    FAILED = "failed"


class PrepaymentCause(StrEnum):
    """Why an owner's prepayment moved."""

    OVERPAID = "overpaid"
    BILL_PAID = "bill_paid"
    BILL_REVERSED = "bill_reversed"
    REFUNDED = "refunded"


class Payment(Keyed, Base):
    """收款. `amount_fen` = what went to bills (allocations) + what became prepayment."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("receipt_no"),
        UniqueConstraint("request_key"),
        # What the list of payments asks of each row it counts or skips stands in its indexes.
        Index(
            None, "payer_id", "received_at", "id", postgresql_include=["receipt_no", "community_id"]
        ),
        Index(
            None, "community_id", "received_at", "id", postgresql_include=["receipt_no", "status"]
        ),
        Index(None, "received_at", "id", postgresql_include=["receipt_no", "status"]),
        Index(
            None,
            "method",
            "received_at",
            "id",
            postgresql_include=["status"],
            postgresql_where=text("receipt_no IS NOT NULL"),
        ),
        Index(
            "ix_payment_aside",
            "status",
            "received_at",
            "id",
            postgresql_where=text("status <> 'paid'"),
        ),
        CheckConstraint("amount_fen > 0", name="amount"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    receipt_no: Mapped[str | None] = mapped_column(comment="收据号")
    request_key: Mapped[str] = mapped_column(comment="一次点击一笔收款")
    asked_bills: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), server_default="{}", comment="那次点击要收的账单；钱可能不够付到最后一张"
    )
    method: Mapped[PaymentMethod] = mapped_column(stored(PaymentMethod, "method"))
    amount_fen: Mapped[int]
    status: Mapped[PaymentStatus] = mapped_column(
        stored(PaymentStatus, "status"), server_default=PaymentStatus.CREATED
    )
    received_at: Mapped[datetime | None]
    received_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    note: Mapped[str | None]


class PrepaymentAccount(Keyed, Base):
    """预存款 of one person in one community; the balance is the sum of its entries."""

    __tablename__ = "prepayment_account"
    __table_args__ = (
        UniqueConstraint("community_id", "person_id"),
        CheckConstraint("balance_fen >= 0", name="balance"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    balance_fen: Mapped[int] = mapped_column(server_default="0")
    auto_deduct: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="业主同意用预存款自动抵扣账单"
    )


class PrepaymentEntry(Keyed, Base):
    """One movement of a prepayment account; positive = money in."""

    __tablename__ = "prepayment_entry"
    __table_args__ = (
        Index(None, "account_id"),
        Index(
            "uq_prepayment_entry_overpaid_once",
            "payment_id",
            unique=True,
            postgresql_where=text("cause = 'overpaid'"),
        ),
        Index(
            "uq_prepayment_entry_refunded_once",
            "payment_id",
            unique=True,
            postgresql_where=text("cause = 'refunded'"),
        ),
        CheckConstraint("amount_fen <> 0", name="amount"),
        CheckConstraint(
            "(cause IN ('overpaid', 'refunded')) = (payment_id IS NOT NULL)",
            name="payment",
        ),
        CheckConstraint(
            "(cause IN ('bill_paid', 'bill_reversed')) = (bill_id IS NOT NULL)",
            name="bill",
        ),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("prepayment_account.id"))
    cause: Mapped[PrepaymentCause] = mapped_column(stored(PrepaymentCause, "cause"))
    amount_fen: Mapped[int]
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    bill_id: Mapped[int | None] = mapped_column(ForeignKey("bill.id"))
    at: Mapped[datetime]
    actor_name: Mapped[str]


class Allocation(Keyed, Base):
    """核销: fen of a payment, or of a prepayment, that paid a bill. A release is a negative row."""

    __tablename__ = "allocation"
    __table_args__ = (
        Index(None, "bill_id"),
        Index(None, "payment_id"),
        Index(
            "uq_allocation_payment_bill",
            "payment_id",
            "bill_id",
            unique=True,
            postgresql_where=text("payment_id IS NOT NULL AND releases_id IS NULL"),
        ),
        Index(
            "uq_allocation_released_once",
            "releases_id",
            unique=True,
            postgresql_where=text("releases_id IS NOT NULL"),
        ),
        CheckConstraint("amount_fen <> 0", name="amount"),
        CheckConstraint("(releases_id IS NULL) = (amount_fen > 0)", name="release"),
        CheckConstraint("(payment_id IS NULL) <> (prepayment_entry_id IS NULL)", name="one_source"),
    )

    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    prepayment_entry_id: Mapped[int | None] = mapped_column(ForeignKey("prepayment_entry.id"))
    releases_id: Mapped[int | None] = mapped_column(ForeignKey("allocation.id"))
    amount_fen: Mapped[int]
    at: Mapped[datetime]
    actor_name: Mapped[str]
