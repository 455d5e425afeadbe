"""What happened: status changes, and the append-only, hash-chained audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed


class StatusChange(Keyed, Base):
    """One move of one thing: what, by which verb, from where to where, by whom, when, why."""

    __tablename__ = "status_change"
    __table_args__ = (Index(None, "thing", "thing_id"),)

    thing: Mapped[str] = mapped_column(comment="表名")
    thing_id: Mapped[int]
    verb: Mapped[str]
    from_status: Mapped[str]
    to_status: Mapped[str]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    note: Mapped[str | None]
    token_id: Mapped[int | None] = mapped_column(
        ForeignKey("api_token.id"), comment="由程序代办时，用的哪个接口令牌"
    )


class AuditEntry(Keyed, Base):
    """One line of the audit. `hash` covers the line and the hash before it; see audit.py."""

    __tablename__ = "audit_entry"
    __table_args__ = (
        UniqueConstraint("hash"),
        Index(None, "subject", "subject_id"),
        Index("ix_audit_entry_actor_id_id", "actor_id", "id"),
        Index("ix_audit_entry_action_id", "action", "id"),
        Index(None, "at"),
        Index(
            "ix_audit_entry_token_id_id",
            "token_id",
            "id",
            postgresql_where=text("token_id IS NOT NULL"),
        ),
    )

    at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    actor_name: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    subject_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str]
    hash: Mapped[str]
    token_id: Mapped[int | None] = mapped_column(
        ForeignKey("api_token.id"), comment="由程序代办时，用的哪个接口令牌"
    )
