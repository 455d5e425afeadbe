"""The letter rack: one row per thing to tell somebody, with every attempt to tell it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored


class LetterStatus(StrEnum):
    """消息状态."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    OPENED = "opened"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Channel(StrEnum):
    """A way to reach somebody."""

    APP_MESSAGE = "app_message"
    MASS_MESSAGE = "mass_message"
    PAPER = "paper"


class Outcome(StrEnum):
    """How one attempt stands, said honestly: accepted by WeCom is not yet sent by the colleague."""

    SUBMITTED = "submitted"
    AWAITING_STAFF = "awaiting_staff"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Letter(Keyed, Base):
    """消息. To a colleague or to a person; `key` is stable, so that nothing is told twice.

    `facts` are ids, amounts and dates: names and phones are looked up when it is rendered.
    """

    __tablename__ = "letter"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(
            "ix_letter_due_to_staff",
            "not_before",
            "id",
            postgresql_where=text("status IN ('queued', 'sending') AND staff_id IS NOT NULL"),
        ),
        Index(
            "ix_letter_due_to_people",
            "not_before",
            "id",
            postgresql_where=text("status IN ('queued', 'sending') AND person_id IS NOT NULL"),
        ),
        Index("ix_letter_dead", "community_id", "id", postgresql_where=text("status = 'failed'")),
        Index("ix_letter_superseded", "id", postgresql_where=text("status = 'superseded'")),
        Index(
            "ix_letter_failed",
            "id",
            postgresql_include=["kind"],
            postgresql_where=text("status = 'failed'"),
        ),
        Index("ix_letter_opened", "id", postgresql_where=text("status = 'opened'")),
        Index(None, "community_id", "id"),
        Index(None, "kind", "id"),
        Index(None, "person_id", "id", postgresql_include=["status"]),
        Index("ix_letter_staff_id", "staff_id", postgresql_where=text("staff_id IS NOT NULL")),
        CheckConstraint("(staff_id IS NULL) <> (person_id IS NULL)", name="one_receiver"),
    )

    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(comment="如 bill.issued")
    key: Mapped[str]
    facts: Mapped[dict[str, Any]]
    status: Mapped[LetterStatus] = mapped_column(
        stored(LetterStatus, "status"), server_default=LetterStatus.QUEUED
    )
    queued_at: Mapped[datetime]
    not_before: Mapped[datetime] = mapped_column(comment="不早于此刻发送；领取后为租约到期时刻")
    tries: Mapped[int] = mapped_column(server_default="0")
    sent_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    failure_code: Mapped[str | None]
    failure_reason: Mapped[str | None] = mapped_column(comment="为什么没送到、该怎么办")


class LetterAttempt(Keyed, Base):
    """One try on one channel to one receiver, written before the call and settled after it.

    `message` is what was handed to WeCom, word for word: after an unknown outcome the very same is
    looked for or sent again, and it proves later what somebody was told. Letters that went out in
    one message share `message_id`.
    """

    __tablename__ = "letter_attempt"
    __table_args__ = (
        UniqueConstraint("letter_id", "number"),
        Index(
            "ix_letter_attempt_open",
            "sender_userid",
            "message_id",
            postgresql_where=text("outcome = 'awaiting_staff'"),
        ),
        Index(
            "ix_letter_attempt_look",
            "look_at",
            postgresql_where=text("outcome = 'awaiting_staff'"),
        ),
        Index(None, "receiver", "at"),
        Index("ix_letter_attempt_card", "id", postgresql_where=text("response_code IS NOT NULL")),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"))
    number: Mapped[int]
    channel: Mapped[Channel] = mapped_column(stored(Channel, "channel"))
    outcome: Mapped[Outcome] = mapped_column(stored(Outcome, "outcome"))
    receiver: Mapped[str] = mapped_column(comment="企业微信 userid / external_userid")
    sender_userid: Mapped[str | None] = mapped_column(comment="群发由谁点发送")
    message: Mapped[dict[str, Any] | None] = mapped_column(comment="交给企业微信的原文")
    message_id: Mapped[str | None] = mapped_column(comment="企业微信 msgid")
    response_code: Mapped[str | None] = mapped_column(comment="更新这张卡片用，一次有效")
    at: Mapped[datetime]
    settled_at: Mapped[datetime | None] = mapped_column(comment="有了结果的时刻；空 = 还没有")
    look_at: Mapped[datetime | None] = mapped_column(comment="下次查询是否已点发送")
    reply_code: Mapped[str | None]
    reply: Mapped[str | None]


class ChannelPause(Base):
    """A channel that WeCom or the network refuses as a whole; its letters wait, untried."""

    __tablename__ = "channel_pause"

    channel: Mapped[Channel] = mapped_column(stored(Channel, "channel"), primary_key=True)
    until: Mapped[datetime]
    since: Mapped[datetime]
    times: Mapped[int] = mapped_column(comment="连续几次")
    code: Mapped[str | None]
    reason: Mapped[str] = mapped_column(comment="为什么停、该怎么办")


class WecomToken(Base):
    """Access tokens by app, so that workers share one; `app` names corp and app, never the secret."""

    __tablename__ = "wecom_token"

    app: Mapped[str] = mapped_column(primary_key=True)
    token: Mapped[str]
    expires_at: Mapped[datetime]
