"""Which community an audit entry is about, so that who may look into one need not look through all.

Said beside the chain and not in it: entries are never changed, and what they are about may be told
again from what they are about.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, Index, and_, case, insert, null, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.access.access import Access
from domain.base import Base
from domain.history.model import AuditEntry
from domain.staff.model import StaffRole

OF_A_COMMUNITY = (
    "person", "bill", "bill_run", "payment", "import_batch", "room", "building", "flow_start",
    "letter", "fee_item", "meter",
)  # fmt: skip
"""Subjects whose table says the community. What is not named here only the whole company sees."""


class AuditPlace(Base):
    """The community an entry is about, what was done and when, in the order of the entries."""

    __tablename__ = "audit_place"
    __table_args__ = (
        Index(None, "community_id", "at"),
        Index(None, "community_id", "entry_id"),
        Index(None, "community_id", "action", "entry_id"),
    )

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entry.id"), primary_key=True)
    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    action: Mapped[str]
    at: Mapped[datetime]


def note(session: Session, entry: AuditEntry) -> None:
    """Write down where an entry belongs, if to one community."""
    if (place := _place(session, entry)) is not None:
        session.execute(
            insert(AuditPlace).values(
                entry_id=entry.id, community_id=place, action=entry.action, at=entry.at
            )
        )


def _place(session: Session, entry: AuditEntry) -> int | None:
    if entry.subject == "community":
        return entry.subject_id
    if entry.subject not in OF_A_COMMUNITY:
        return None
    table = Base.metadata.tables[entry.subject]
    return session.scalar(select(table.c.community_id).where(table.c.id == entry.subject_id))


def seen(access: Access) -> Collection[int] | None:
    """Communities whose entries somebody may read; None: all entries, of no community too."""
    if access.may("audit.see"):
        return None
    here = {
        grant.community_id
        for grant in access.grants
        if "audit.see" in grant.permissions and grant.building_id is None
    }
    return sorted(filter(None, here))


def of_colleagues(communities: Collection[int]) -> ColumnElement[bool]:
    """Entries about colleagues who work in one of these."""
    theirs = select(StaffRole.staff_id).where(StaffRole.community_id.in_(communities))
    return and_(AuditEntry.subject == "staff", AuditEntry.subject_id.in_(theirs))


def community() -> ColumnElement[int | None]:
    """The community of what an entry is about: one look by key."""
    whose: dict[str, Any] = {"community": AuditEntry.subject_id}
    for name in OF_A_COMMUNITY:
        table = Base.metadata.tables[name]
        whose[name] = (
            select(table.c.community_id)
            .where(table.c.id == AuditEntry.subject_id)
            .correlate(AuditEntry)
            .scalar_subquery()
        )
    return case(whose, value=AuditEntry.subject, else_=null())
