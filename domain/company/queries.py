"""Named questions about the company and its communities."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.company.model import Community, Company
from domain.errors import NotFound

SENDER = func.coalesce(Community.sender_name, Company.sender_name, Company.name)
"""消息署名 of a community, in a query that joins its company."""
PHONE = func.coalesce(Community.phone, Company.phone)
"""Whom owners of a community call."""


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What stands on papers of a community: the company, whom to call, where to go."""

    company_name: str
    phone: str | None
    address: str | None
    has_logo: bool


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


def letterhead(session: Session, community_id: int) -> Letterhead:
    """The head of a community's papers."""
    address = func.coalesce(Community.address, Company.address)
    row = session.execute(
        select(Company.name, PHONE, address, Company.logo_type.is_not(None))
        .join(Community, Community.company_id == Company.id)
        .where(Community.id == community_id)
    ).one()
    return Letterhead(*row)


def settings_of(session: Session, community_ids: list[int]) -> list[Community]:
    """Communities with their settings, by name."""
    return list(
        session.scalars(
            select(Community).where(Community.id.in_(community_ids)).order_by(Community.name)
        )
    )
