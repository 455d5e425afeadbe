"""One colleague: roles and where they hold, and what would be left lying if they went."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.access.access import Grant
from domain.bills.model import BillRun, BillRunStatus
from domain.company.model import Community
from domain.letters.model import Letter, LetterAttempt, LetterStatus, Outcome
from domain.people.model import PersonChannel
from domain.rooms.model import Building
from domain.staff import queries
from domain.staff.listing import place_words
from domain.staff.model import (
    FieldAccess,
    GrantSource,
    PersonalField,
    Role,
    RoleField,
    Staff,
    StaffRole,
)


@dataclass(frozen=True, slots=True)
class Held:
    """A role of a colleague: the row's id, where it holds in words, who gave it, what it allows."""

    id: int
    role_id: int
    place: str
    source: GrantSource
    grant: Grant


def held(session: Session, staff_id: int) -> list[Held]:
    """Every role of a colleague, also while their account is closed."""
    shown = (
        select(func.jsonb_object_agg(RoleField.field, RoleField.access))
        .where(RoleField.role_id == Role.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(StaffRole, Role.name, Role.permissions, shown, Community.name, Building.name)
        .join(Role, Role.id == StaffRole.role_id)
        .outerjoin(Community, Community.id == StaffRole.community_id)
        .outerjoin(Building, Building.id == StaffRole.building_id)
        .where(StaffRole.staff_id == staff_id)
        .order_by(StaffRole.id)
    )
    return [_held(*row) for row in rows]


def open_things(session: Session, person: Staff) -> list[str]:
    """In words, what waits for this colleague and would be left lying."""
    counted = [
        (
            _followed(session, person),
            "位业主在企业微信里由这位同事联系，请在企业微信里转接给别的同事",
        ),
        (_pressing(session, person), "条群发在等这位同事点“发送”"),
        (_letters(session, person), "条工作消息还没有送到这位同事"),
    ]
    only = [f"{name}的出账在等审批，只有这位同事能批" for name in _only_approver(session, person)]
    return [f"{count} {words}" for count, words in counted if count] + only


def _held(
    row: StaffRole,
    role: str,
    permissions: Sequence[str],
    fields: dict[str, str] | None,
    community: str | None,
    building: str | None,
) -> Held:
    shown = {PersonalField(key): FieldAccess(value) for key, value in (fields or {}).items()}
    grant = Grant(role, frozenset(permissions), shown, row.community_id, row.building_id)
    return Held(row.id, row.role_id, place_words(community, building), row.source, grant)


def _followed(session: Session, person: Staff) -> int:
    if person.wecom_userid is None:
        return 0
    return _count(
        session,
        PersonChannel.follower_userid == person.wecom_userid,
        PersonChannel.broken_reason.is_(None),
    )


def _pressing(session: Session, person: Staff) -> int:
    if person.wecom_userid is None:
        return 0
    messages = select(func.count(func.distinct(LetterAttempt.message_id))).where(
        LetterAttempt.sender_userid == person.wecom_userid,
        LetterAttempt.outcome == Outcome.AWAITING_STAFF,
    )
    return session.scalar(messages) or 0


def _letters(session: Session, person: Staff) -> int:
    waiting = Letter.status.in_([LetterStatus.QUEUED, LetterStatus.SENDING])
    return _count(session, Letter.staff_id == person.id, waiting)


def _only_approver(session: Session, person: Staff) -> list[str]:
    """Communities whose bill run waits for a decision that nobody else can take."""
    waiting = session.execute(
        select(Community.id, Community.name)
        .join(BillRun, BillRun.community_id == Community.id)
        .where(BillRun.status == BillRunStatus.AWAITING_APPROVAL)
        .distinct()
    )
    return [
        name
        for community_id, name in waiting
        if [one.id for one in queries.holding(session, "bills.approve", community_id=community_id)]
        == [person.id]
    ]


def _count(session: Session, *where: Any) -> int:
    return session.scalar(select(func.count()).where(*where)) or 0
