"""The sync itself: one transaction, safe to repeat, and never fooled by half an answer."""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain import locks
from domain.history import audit
from domain.history.actor import Actor
from domain.staff.model import Staff
from domain.staff.roster import Roster
from domain.staff.syncing import grants, people, places
from domain.staff.syncing.changes import Changes

LOCK = "staff-sync"


def take_turn(session: Session) -> None:
    """One reading at a time: an older one, applied after a newer, would let a leaver in again."""
    locks.hold(session, LOCK)


def apply(
    session: Session, roster: Roster, *, by: Actor, at: datetime, force: bool = False
) -> Changes:
    """Bring colleagues and their roles to what WeCom says; what did change.

    `take_turn` comes before the contacts are read. `force`: believe it even when more than a third
    would leave.
    """
    changes = Changes()
    moves = people.compare(people.known(session), roster, force=force)
    places.check(session, roster, force=force)
    meaning = places.write(session, roster, at=at)
    people.write(session, moves, changes, by=by, at=at)
    grants.write(session, roster, meaning, grants.subjects_of(session, roster), changes)
    if changes:
        audit.record(
            session, "staff.sync", subject="staff", subject_id=None, by=by, at=at,
            whole=roster.whole, **{key: count for key, count in changes.counts().items() if count},
        )  # fmt: skip
    return changes


def rename(session: Session, old: str, new: str) -> bool:
    """A member's userid was changed in WeCom: the same colleague, unless the new one is taken."""
    take_turn(session)
    taken = session.scalar(select(Staff.id).where(func.lower(Staff.wecom_userid) == new.lower()))
    if not new or taken is not None:
        return False
    moved = session.execute(
        update(Staff).where(func.lower(Staff.wecom_userid) == old.lower()).values(wecom_userid=new)
    )
    return bool(moved.rowcount)  # type: ignore[attr-defined]


def is_known(session: Session, userid: str) -> bool:
    """Whether a colleague of ours, here or left, has this userid."""
    found = select(Staff.id).where(func.lower(Staff.wecom_userid) == userid.lower())
    return session.scalar(found) is not None
