"""Tries at accounts nobody has, counted like those at real ones: else the growing patience of the
login would tell which accounts there are.
"""

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.access.model import UnknownLogin
from domain.access.secrets import hashed

MARK_BYTES = 3
KEPT = timedelta(days=90)


def mark(login: str) -> int:
    """What is kept of a name: enough to count by, too little to tell it."""
    return int.from_bytes(hashed(login)[:MARK_BYTES])


def tries_at(session: Session, login: str, *, at: datetime) -> UnknownLogin:
    """What is counted for a name; its row is locked."""
    session.execute(delete(UnknownLogin).where(UnknownLogin.tried_at < at - KEPT))
    first = insert(UnknownLogin).values(mark=mark(login), failures=0, tried_at=at)
    session.execute(first.on_conflict_do_update(index_elements=["mark"], set_={"tried_at": at}))
    return session.get_one(UnknownLogin, mark(login))
