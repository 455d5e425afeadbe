"""Bill runs, bills and – in `line_model` – frozen lines."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Sequence,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored
from domain.bills.line_model import BillLine

__all__ = [
    "BILL_NO",
    "Bill",
    "BillLine",
    "BillRun",
    "BillRunChunk",
    "BillRunDecision",
    "BillRunProblem",
    "BillRunStatus",
    "BillStatus",
    "Decision",
]

BILL_NO = Sequence("bill_no_seq", metadata=Base.metadata)


class BillRunStatus(StrEnum):
    """出账批次状态."""

    CREATED = "created"
    DRAFTING = "drafting"
    AWAITING_APPROVAL = "awaiting_approval"
    APPROVED = "approved"
    ISSUING = "issuing"
    ISSUED = "issued"
    REJECTED = "rejected"
    REVERSED = "reversed"


class BillStatus(StrEnum):
    """账单状态."""

    DRAFT = "draft"
    ISSUED = "issued"
    PARTLY_PAID = "partly_paid"
    PAID = "paid"
    DISCARDED = "discarded"
    WRITTEN_OFF = "written_off"
    REVERSED = "reversed"


class Decision(StrEnum):
    """What a person said about a bill run."""

    APPROVE = "approve"
    REJECT = "reject"


class BillRun(Keyed, Base):
    """出账: one community, one month. At most one run of a month is in the making (named constraint);
    once that is issued, a supplement (补账) may bill what is missing or was reversed.
    """

    __tablename__ = "bill_run"
    __table_args__ = (
        Index(
            "uq_bill_run_open_period",
            "community_id",
            "period_start",
            unique=True,
            postgresql_where=text("status NOT IN ('issued', 'rejected', 'reversed')"),
        ),
        Index(None, "community_id", "period_start"),
        CheckConstraint("period_end > period_start", name="order"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    period_start: Mapped[date]
    period_end: Mapped[date] = mapped_column(comment="不含")
    status: Mapped[BillRunStatus] = mapped_column(
        stored(BillRunStatus, "status"), server_default=BillRunStatus.CREATED
    )
    created_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None] = mapped_column(comment="此刻之后的改动不影响本批")
    due_on: Mapped[date | None]
    issued_at: Mapped[datetime | None]
    waiting_run: Mapped[str | None] = mapped_column(comment="挂起等待审批的 Prefect 运行编号")
    supplements_id: Mapped[int | None] = mapped_column(
        ForeignKey("bill_run.id"), comment="补账：补哪一批已出的账"
    )
    price_book: Mapped[dict[str, Any] | None] = mapped_column(
        deferred=True, comment="冻结的费用项目、收费标准、阶梯、税率、公摊"
    )
    summary: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"), comment="变动分析")


class BillRunDecision(Keyed, Base):
    """The person's word on a run: who, when, why. One per run."""

    __tablename__ = "bill_run_decision"
    __table_args__ = (UniqueConstraint("bill_run_id"),)

    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    decision: Mapped[Decision] = mapped_column(stored(Decision, "decision"))
    bills: Mapped[int] = mapped_column(comment="所见账单数")
    total_fen: Mapped[int] = mapped_column(comment="所见总额：出账的必须正是批准的")
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]


class BillRunChunk(Keyed, Base):
    """A part of a run computed in one transaction: room ids of one building or about 2,000 rooms."""

    __tablename__ = "bill_run_chunk"
    __table_args__ = (UniqueConstraint("bill_run_id", "number"),)

    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(comment="如 3栋 1-1800")
    first_room_id: Mapped[int]
    last_room_id: Mapped[int]
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    rooms: Mapped[int]
    room_ids: Mapped[list[int] | None] = mapped_column(
        ARRAY(BigInteger), comment="补账只算这些房屋；空为全部"
    )
    drafted_at: Mapped[datetime | None]
    issued_at: Mapped[datetime | None]
    bills: Mapped[int | None]
    lines: Mapped[int | None]
    total_fen: Mapped[int | None]


class BillRunProblem(Keyed, Base):
    """Something of a run a person should know: a room that could not be priced, a missing reading."""

    __tablename__ = "bill_run_problem"
    __table_args__ = (
        UniqueConstraint(
            "bill_run_id",
            "room_id",
            "fee_item_id",
            "code",
            postgresql_nulls_not_distinct=True,
        ),
    )

    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    fee_item_id: Mapped[int | None] = mapped_column(ForeignKey("fee_item.id"))
    code: Mapped[str]
    message: Mapped[str] = mapped_column(comment="给收费员看的一句话")


class Bill(Keyed, Base):
    """账单: what one payer owes for one room in one run."""

    __tablename__ = "bill"
    __table_args__ = (
        UniqueConstraint("no"),
        UniqueConstraint("bill_run_id", "room_id", "payer_id", postgresql_nulls_not_distinct=True),
        Index(None, "room_id", "period_start"),
        Index(None, "payer_id", "period_start", "id", postgresql_include=["community_id"]),
        Index(None, "community_id", "period_start", "id"),
        Index(None, "period_start", "id"),
        Index(
            "ix_bill_aside",
            "status",
            "period_start",
            "id",
            postgresql_where=text(
                "status IN ('draft', 'discarded', 'written_off', 'reversed', 'partly_paid')"
            ),
        ),
        Index(
            "ix_bill_owing",
            "community_id",
            "due_on",
            postgresql_where=text("status IN ('issued', 'partly_paid')"),
        ),
        Index(
            "ix_bill_owing_room",
            "room_id",
            postgresql_where=text("status IN ('issued', 'partly_paid')"),
        ),
        Index(
            "ix_bill_owing_payer",
            "payer_id",
            postgresql_where=text("status IN ('issued', 'partly_paid')"),
        ),
        Index(
            "ix_bill_owing_since",
            "due_on",
            "id",
            postgresql_include=["status"],
            postgresql_where=text("status IN ('issued', 'partly_paid')"),
        ),
        CheckConstraint("total_fen >= 0", name="total"),
        CheckConstraint("paid_fen >= 0 AND paid_fen <= total_fen", name="paid"),
        CheckConstraint(
            "(status = 'paid') <= (paid_fen = total_fen)"
            " AND (status = 'partly_paid') <= (paid_fen > 0 AND paid_fen < total_fen)"
            " AND (status IN ('draft', 'issued', 'discarded', 'reversed')) <= (paid_fen = 0)",
            name="paid_status",
        ),
    )

    no: Mapped[str] = mapped_column(comment="账单号")
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    bill_run_id: Mapped[int] = mapped_column(ForeignKey("bill_run.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    period_start: Mapped[date]
    period_end: Mapped[date]
    status: Mapped[BillStatus] = mapped_column(
        stored(BillStatus, "status"), server_default=BillStatus.DRAFT
    )
    total_fen: Mapped[int]
    paid_fen: Mapped[int] = mapped_column(server_default="0")
    due_on: Mapped[date | None]
    issued_at: Mapped[datetime | None]
