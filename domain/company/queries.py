"""Named questions about the company and its communities."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.company.model import Community
from domain.errors import NotFound


class CommunityNotFound(NotFound):
    """No community of this name."""

    code = "community_not_found"


def names(session: Session) -> list[str]:
    """Names of all communities."""
    return list(session.scalars(select(Community.name).order_by(Community.id)))


def names_by_id(session: Session) -> dict[int, str]:
    """Community id -> name."""
    return {row.id: row.name for row in session.execute(select(Community.id, Community.name))}


def community(session: Session, name: str) -> Community:
    """The community of this name, or CommunityNotFound with the names there are."""
    found = session.scalar(select(Community).where(Community.name == name))
    if found is None:
        known = "、".join(names(session)[:10]) or "还没有小区，请先导入业主"
        raise CommunityNotFound(f"没有叫「{name[:40]}」的小区（现有：{known}）")
    return found
