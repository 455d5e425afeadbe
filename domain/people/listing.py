"""The list of people: found by room, name or phone; what each row shows is the colleague's scope."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select, union
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.access.seeing import masked, showing
from domain.company.model import Community
from domain.listing import EXPORTED, Listed, Wanted, among, listed, ordered
from domain.people import seeking
from domain.people.dressing import PersonRow, beside, dressed
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.people.standing import REACHED, holds, homeless
from domain.rooms.model import Room
from domain.staff.model import PersonalField

NEWEST = {"id": (Person.id.desc(),), "name": (Person.name,)}
WEIGHED = 500
"""Of more hits than this a search looks at some only: the words say too little."""
HOMELESS = "none"
"""The filter's word for people without a room today."""


@dataclass(frozen=True, slots=True)
class Sought:
    """The words of a search and what they may mean: a room's code, a phone, its last four digits."""

    words: str = ""
    code: str | None = None
    blinds: Sequence[bytes] = ()
    tail: str | None = None


def people(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Listed[PersonRow]:
    """One page of the persons the colleague may see."""
    hits = _hits(session, access, sought)
    asked = _asked(access, wanted, hits, on)
    found = listed(session, asked, wanted, sorts=NEWEST, key=Person.id, apart=True)
    weighed = WEIGHED if hits is not None and len(hits) > WEIGHED else 0
    rows = [dressed(row) for row in found.rows]
    return Listed(rows, found.count, found.many, found.page, found.size, weighed)


def everybody(
    session: Session, access: Access, wanted: Wanted, sought: Sought, *, on: date
) -> Iterator[PersonRow]:
    """The same persons unpaged, for an export."""
    hits = _hits(session, access, sought)
    asked = _asked(access, wanted, hits, on)
    asked = ordered(asked, wanted, sorts=NEWEST, key=Person.id)
    return (dressed(row) for row in session.execute(asked.limit(EXPORTED)))


def _hits(session: Session, access: Access, sought: Sought) -> Sequence[int] | None:
    """Whom the words may mean, one more than are looked at if there are; None without words."""
    if not sought.words:
        return None
    return session.scalars(_meant(session, access, sought).limit(WEIGHED + 1)).all()


def _select(access: Access, on: date) -> Select[Any]:
    phone = masked(access, PersonalField.PHONE, Person.phone_masked)
    return select(
        Person.id, Person.name, Person.kind, Community.name, phone, *beside(access, on)
    ).outerjoin(Community, Community.id == Person.community_id)


def _asked(access: Access, wanted: Wanted, hits: Sequence[int] | None, on: date) -> Select[Any]:
    asked = _select(access, on).where(access.where_person("people.see"))
    if community := wanted.filter("community"):
        asked = asked.where(Person.community_id == int(community))
    if hits is not None:
        asked = asked.where(among(Person.id, hits[:WEIGHED]))
    if role := wanted.filter("role"):
        asked = asked.where(homeless(on) if role == HOMELESS else holds(OccupancyRole(role), on))
    if bound := wanted.filter("wecom"):
        asked = asked.where(REACHED if bound == "bound" else ~REACHED)
    return asked


def _meant(session: Session, access: Access, sought: Sought) -> Any:
    """Ids of persons the words may mean; a union, because each part has an index of its own."""
    words = sought.words
    coded = (
        (Room.code == (sought.code or words))
        | Room.code.startswith(words, autoescape=True)
        | (Room.door == words)
    )
    lived = (
        select(Occupancy.person_id)
        .join(Room, Room.id == Occupancy.room_id)
        .where(coded, access.where("people.see", Room.community_id, Room.building_id))
    )
    found = [lived]
    if any(sign.isalpha() for sign in words):
        here = access.where_person("people.see")
        nearest = seeking.named(session, words, here, most=WEIGHED + 1)
        found.append(select(Person.id).where(among(Person.id, nearest)))
    seen = showing(access, PersonalField.PHONE).where_person("people.see")
    if sought.blinds:
        found.append(select(Person.id).where(Person.phone_blind.in_(sought.blinds), seen))
    if sought.tail:
        ends = func.right(Person.phone_masked, 4) == sought.tail
        found.append(select(Person.id).where(ends, seen))
    return union(*found)
