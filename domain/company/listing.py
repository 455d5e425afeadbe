"""The list of communities: those a colleague sets up, with who signs there and when bills are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.company.model import Community, Company
from domain.company.queries import PHONE, SENDER
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered
from domain.rooms.model import Building, Room

BUILDINGS = (
    select(func.count()).where(Building.community_id == Community.id).scalar_subquery()
)  # fmt: skip
ROOMS = select(func.count()).where(Room.community_id == Community.id).scalar_subquery()
SORTS = {
    "name": (Community.name,),
    "due": (Community.bill_due_days, Community.name),
    "rooms": (ROOMS.desc(), Community.name),
}


@dataclass(frozen=True, slots=True)
class CommunityRow:
    """A community in the list; what it lacks of its own is the company's."""

    id: int
    name: str
    address: str | None
    phone: str | None
    sender_name: str
    bill_due_days: int
    auto_approve_total_fen: int | None
    buildings: int
    rooms: int


def communities(session: Session, access: Access, wanted: Wanted) -> Listed[CommunityRow]:
    """One page of the communities a colleague may set up."""
    found = listed(session, _asked(access, wanted), wanted, sorts=SORTS, key=Community.id)
    return found.dressed([CommunityRow(*row) for row in found.rows])


def everything(session: Session, access: Access, wanted: Wanted) -> Sequence[CommunityRow]:
    """The same unpaged, for an export."""
    asked = ordered(_asked(access, wanted), wanted, sorts=SORTS, key=Community.id)
    return [CommunityRow(*row) for row in session.execute(asked.limit(EXPORTED))]


def count(session: Session, access: Access) -> int:
    """How many there are."""
    mine = access.where("company.edit", Community.id)
    return session.scalar(select(func.count()).select_from(Community).where(mine)) or 0


def _asked(access: Access, wanted: Wanted) -> Select[Any]:
    asked = (
        select(
            Community.id, Community.name, Community.address, PHONE, SENDER,
            Community.bill_due_days, Community.auto_approve_total_fen, BUILDINGS, ROOMS,
        )
        .join(Company, Company.id == Community.company_id)
        .where(access.where("company.edit", Community.id))
    )  # fmt: skip
    if wanted.words:
        said = (Community.name, Community.address, PHONE, SENDER)
        asked = asked.where(or_(*(one.contains(wanted.words, autoescape=True) for one in said)))
    if approval := wanted.filter("approval"):
        by_hand = Community.auto_approve_total_fen.is_(None)
        asked = asked.where(by_hand if approval == "people" else ~by_hand)
    return asked
