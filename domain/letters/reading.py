"""Letters as a clerk reads them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, select, union_all
from sqlalchemy.orm import Session

from domain.company.model import Community
from domain.letters.model import Letter, LetterStatus
from domain.listing import COUNTED
from domain.people.model import Person
from domain.staff.model import Staff

UNDER_WAY = (LetterStatus.QUEUED, LetterStatus.SENDING)


def count_failed(session: Session, community_ids: Collection[int]) -> int:
    """How many letters of some communities could not be delivered."""
    return (
        session.scalar(
            select(func.count()).where(
                Letter.status == LetterStatus.FAILED, Letter.community_id.in_(community_ids)
            )
        )
        or 0
    )


def count_queued(session: Session, community_ids: Collection[int]) -> int:
    """How many letters of some communities are still to go, up to `COUNTED`."""
    queued = standing(Letter.community_id.in_(community_ids)).limit(COUNTED).subquery()
    return session.scalar(select(func.count()).select_from(queued)) or 0


def standing(*where: ColumnElement[bool]) -> CompoundSelect[Any]:
    """Ids of letters that are under way: to colleagues, then to people, as their indexes are."""
    under_way = Letter.status.in_(UNDER_WAY)
    receivers = (Letter.staff_id, Letter.person_id)
    return union_all(
        *(select(Letter.id).where(under_way, to.is_not(None), *where) for to in receivers)
    )


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter in a list; `to` is the person's or the colleague's name."""

    id: int
    kind: str
    status: LetterStatus
    to: str | None
    community_id: int | None
    community: str | None
    queued_at: datetime
    not_before: datetime
    tries: int
    code: str | None
    reason: str | None


ROWS: Select[Any] = (
    select(
        Letter.id, Letter.kind, Letter.status, func.coalesce(Person.name, Staff.name),
        Letter.community_id, Community.name, Letter.queued_at, Letter.not_before,
        Letter.tries, Letter.failure_code, Letter.failure_reason,
    )
    .outerjoin(Community, Community.id == Letter.community_id)
    .outerjoin(Person, Person.id == Letter.person_id)
    .outerjoin(Staff, Staff.id == Letter.staff_id)
)  # fmt: skip
"""What a `LetterRow` holds. Put together once: that takes longer than asking."""


def latest(
    session: Session, *, status: LetterStatus | None, community_id: int | None, limit: int
) -> list[LetterRow]:
    """The newest letters, of one state or community if named."""
    newest = ROWS.order_by(Letter.id.desc()).limit(limit)
    if status is not None:
        newest = newest.where(Letter.status == status)
    if community_id is not None:
        newest = newest.where(Letter.community_id == community_id)
    return [LetterRow(*row) for row in session.execute(newest)]


def counts(session: Session) -> dict[LetterStatus, int]:
    """How many letters stand in each state."""
    rows = session.execute(select(Letter.status, func.count()).group_by(Letter.status))
    return {row[0]: row[1] for row in rows}
