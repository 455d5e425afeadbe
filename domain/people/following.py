"""Which colleague an owner's WeCom contact is followed by, as WeCom says it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain.people.model import PersonChannel


@dataclass(frozen=True, slots=True)
class Followed:
    """How many channels became unreachable, reachable again, or another colleague's."""

    broken: int = 0
    mended: int = 0
    moved: int = 0


def left(session: Session, customer: str, follower: str, *, at: datetime, reason: str) -> Followed:
    """The owner deleted this colleague. WeCom goes on naming him as follower: only the event tells.

    One bound since then stays: events come in any order.
    """
    broken = session.execute(
        update(PersonChannel)
        .where(
            PersonChannel.external_userid == customer,
            func.lower(PersonChannel.follower_userid) == follower.lower(),
            PersonChannel.bound_at <= at,
            PersonChannel.broken_reason.is_(None),
        )
        .values(broken_reason=reason)
    )
    return Followed(broken=int(broken.rowcount))  # type: ignore[attr-defined]


def came(
    session: Session, customer: str, follower: str, followers: Collection[str], *, at: datetime
) -> Followed:
    """The owner added this colleague, who follows him still: letters go by him if need be."""
    if follower.lower() not in {one.lower() for one in followers}:
        return Followed()
    mended = moved = 0
    for channel in _channels(session, customer):
        here = channel.follower_userid.lower() == follower.lower()
        if not here and channel.broken_reason is None:
            continue
        mended += channel.broken_reason is not None
        moved += not here
        channel.follower_userid, channel.broken_reason = follower, None
        channel.bound_at = max(channel.bound_at, at)
    session.flush()
    return Followed(mended=mended, moved=moved)


def dropped(
    session: Session, customer: str, followers: Collection[str], *, reason: str
) -> Followed:
    """A colleague deleted the owner: another one who follows him takes over, if there is one."""
    known = {one.lower() for one in followers}
    broken = moved = 0
    for channel in _channels(session, customer):
        if channel.follower_userid.lower() in known or channel.broken_reason is not None:
            continue
        if followers:
            channel.follower_userid = min(followers)
            moved += 1
        else:
            channel.broken_reason = reason
            broken += 1
    session.flush()
    return Followed(broken=broken, moved=moved)


def _channels(session: Session, customer: str) -> Collection[PersonChannel]:
    return session.scalars(
        select(PersonChannel)
        .where(PersonChannel.external_userid == customer)
        .order_by(PersonChannel.id)
        .with_for_update()
    ).all()
