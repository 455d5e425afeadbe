"""Who is reached through which WeCom contact."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import cast, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.people.model import Occupancy, Person, PersonChannel
from domain.rooms.model import Room


@dataclass(frozen=True)
class Bound:
    """A person with his WeCom contact and one of his rooms."""

    person_id: int
    name: str
    external_userid: str
    room_code: str


def bind_payers(
    session: Session, community_id: int, *, follower_userid: str, prefix: str, at: datetime
) -> Sequence[Bound]:
    """Give every payer without a channel a contact `<prefix>-<person id>`; all who have one.

    For the sandbox, where contacts are ours to name; in WeCom owners bind themselves by scanning.
    """
    payers = (
        select(
            literal(community_id),
            Occupancy.person_id,
            literal(f"{prefix}-") + func.lpad(cast(Occupancy.person_id, Person.name.type), 6, "0"),
            literal(follower_userid),
            literal(at, PersonChannel.bound_at.type),
        )
        .join(Room, Room.id == Occupancy.room_id)
        .where(Room.community_id == community_id, Occupancy.is_payer)
        .distinct()
    )
    columns = ["community_id", "person_id", "external_userid", "follower_userid", "bound_at"]
    session.execute(insert(PersonChannel).from_select(columns, payers).on_conflict_do_nothing())
    return bound(session, community_id)


def bound(session: Session, community_id: int) -> Sequence[Bound]:
    """Everybody of a community who has a WeCom contact, by room."""
    rows = session.execute(
        select(
            PersonChannel.person_id, Person.name, PersonChannel.external_userid,
            func.min(Room.code),
        )
        .join(Person, Person.id == PersonChannel.person_id)
        .join(Occupancy, Occupancy.person_id == Person.id)
        .join(Room, Room.id == Occupancy.room_id)
        .where(PersonChannel.community_id == community_id)
        .group_by(PersonChannel.person_id, Person.name, PersonChannel.external_userid)
        .order_by(func.min(Room.id))
    )  # fmt: skip
    return [Bound(*row) for row in rows]
