"""Communities and buildings where a colleague holds a permission, to choose from."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.granting import Place
from domain.company.model import Community
from domain.rooms.model import Building


def within(session: Session, access: Access, permission: str) -> list[tuple[Place, str]]:
    """Each community held as a whole, then its buildings; only the buildings where it is not."""
    rows = session.execute(
        select(Community.id, Community.name, Building.id, Building.name)
        .outerjoin(Building, Building.community_id == Community.id)
        .where(access.where(permission, Community.id, Building.id))
        .order_by(Community.name, Community.id, Building.code, Building.id)
    )
    found: dict[Place, str] = {}
    for community_id, name, building_id, building in rows:
        if access.may(permission, community_id=community_id):
            found[Place(community_id, None)] = name
        if building_id is not None:
            found[Place(community_id, building_id)] = f"{name} {building}"
    return list(found.items())
