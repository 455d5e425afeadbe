"""How a receiver is reached: a colleague by the WeCom id, an owner by the contact of a colleague."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain.people.model import PersonChannel
from domain.staff.model import Staff


@dataclass(frozen=True, slots=True)
class Contact:
    """An owner as a customer: his external id, whose customer he is, why he cannot be reached."""

    external_userid: str
    follower: str
    broken_reason: str | None


@dataclass(frozen=True, slots=True)
class Colleague:
    """A colleague as a member; `userid` is None where nobody has noted it."""

    userid: str | None
    active: bool


def of_people(session: Session, person_ids: Collection[int]) -> dict[int, Contact]:
    """The contact of each person who has one: a working one if there is, else the newest."""
    rows = session.execute(
        select(
            PersonChannel.person_id, PersonChannel.external_userid,
            PersonChannel.follower_userid, PersonChannel.broken_reason,
        )
        .where(PersonChannel.person_id.in_(person_ids))
        .distinct(PersonChannel.person_id)
        .order_by(
            PersonChannel.person_id, PersonChannel.broken_reason.is_not(None),
            PersonChannel.bound_at.desc(), PersonChannel.id.desc(),
        )
    )  # fmt: skip
    return {person_id: Contact(*contact) for person_id, *contact in rows}


def of_staff(session: Session, staff_ids: Collection[int]) -> dict[int, Colleague]:
    """How each colleague is reached."""
    rows = session.execute(
        select(Staff.id, Staff.wecom_userid, Staff.active).where(Staff.id.in_(staff_ids))
    )
    return {staff_id: Colleague(userid, active) for staff_id, userid, active in rows}


def mark_broken(session: Session, external_userid: str, follower: str, *, reason: str) -> None:
    """Note that an owner is no longer this colleague's customer."""
    session.execute(
        update(PersonChannel)
        .where(
            PersonChannel.external_userid == external_userid,
            func.lower(PersonChannel.follower_userid) == follower.lower(),
        )
        .values(broken_reason=reason)
    )
