"""WeCom access tokens, kept for all workers. A token is a secret: it is never logged."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.letters.model import WecomToken


def load(session: Session, *, app: str, at: datetime) -> str | None:
    """The app's token if it still holds at that moment."""
    held = select(WecomToken.token).where(WecomToken.app == app, WecomToken.expires_at > at)
    return session.scalar(held)


def store(session: Session, *, app: str, token: str, expires_at: datetime) -> None:
    """Keep the app's token in place of any other; the last writer wins."""
    kept = insert(WecomToken).values(app=app, token=token, expires_at=expires_at)
    session.execute(
        kept.on_conflict_do_update(
            index_elements=[WecomToken.app],
            set_={"token": kept.excluded.token, "expires_at": kept.excluded.expires_at},
        )
    )


def forget(session: Session, *, app: str) -> None:
    """Drop the app's token."""
    session.execute(delete(WecomToken).where(WecomToken.app == app))
