"""Inbound events: one row per callback, however often WeCom repeats it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed


class InboundEvent(Keyed, Base):
    """企业微信回调. `key` is a digest of its content: a repeated one is the same row.

    The content is sealed: it may name customers. A wish of our own (read the contacts now) lies here
    too, without content. Handled, or failed with a reason and tried again;
    a replay clears both.
    """

    __tablename__ = "inbound_event"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(
            "ix_inbound_event_due",
            "not_before",
            "id",
            postgresql_where=text("handled_at IS NULL AND given_up_at IS NULL"),
        ),
        CheckConstraint("tries >= 0", name="tries"),
    )

    key: Mapped[str] = mapped_column(comment="内容摘要")
    event: Mapped[str] = mapped_column(comment="事件名，如 template_card_event")
    change_type: Mapped[str | None]
    content_sealed: Mapped[bytes] = mapped_column(comment="解密后的原文，加密保存")
    received_at: Mapped[datetime]
    repeats: Mapped[int] = mapped_column(server_default="0", comment="又收到几次")
    not_before: Mapped[datetime] = mapped_column(comment="不早于此刻处理；领取后为租约到期时刻")
    tries: Mapped[int] = mapped_column(server_default="0")
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(comment="做了什么")
    given_up_at: Mapped[datetime | None]
    failure_reason: Mapped[str | None]


class CardAnswer(Keyed, Base):
    """The first colleague who pressed a button of a card; the second is told who was first."""

    __tablename__ = "card_answer"
    __table_args__ = (UniqueConstraint("subject"),)

    subject: Mapped[str] = mapped_column(comment="如 bill_run:12:claim")
    button: Mapped[str]
    staff_id: Mapped[int]
    staff_name: Mapped[str]
    at: Mapped[datetime]
