"""Named questions about rooms: finding one at the counter, and what stands on its door."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Date,
    Integer,
    Select,
    any_,
    bindparam,
    cast,
    func,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from domain.bills.model import Bill
from domain.bills.queries import OWING
from domain.company.model import Community
from domain.errors import NotFound
from domain.listing import among
from domain.people import seeking
from domain.people.model import Occupancy, Person
from domain.rooms.model import Building, Room, RoomKind

ESCAPE = "/"
WEIGHED = 100
NAMED = 500
"""So many people of a name are looked at, whole names first: a surname alone says too little."""
_FACTS = (
    select(
        Room.id, Room.code, Room.kind, Room.handover_on, Building.id, Building.name, Community.id,
        Community.name,
    )
    .join(Building, Building.id == Room.building_id)
    .join(Community, Community.id == Room.community_id)
    .where(Room.id == bindparam("room_id"))
)  # fmt: skip
"""Asked for every page about a room, so put together once: that takes longer than asking."""


class RoomNotFound(NotFound):
    """No such room."""

    code = "room_not_found"


@dataclass(frozen=True, slots=True)
class RoomFacts:
    """A room and where it stands."""

    id: int
    code: str
    kind: RoomKind
    handover_on: date | None
    building_id: int
    building_name: str
    community_id: int
    community_name: str


@dataclass(frozen=True, slots=True)
class RoomHit:
    """A room found at the counter, who pays for it now, and what is owed on it (by anybody)."""

    id: int
    code: str
    kind: RoomKind
    community_name: str
    payers: str | None
    owing_bills: int
    owed_fen: int


def facts(session: Session, room_id: int) -> RoomFacts:
    """The room, or RoomNotFound."""
    row = session.execute(_FACTS, {"room_id": room_id}).one_or_none()
    if row is None:
        raise RoomNotFound("没有找到这套房屋")
    return RoomFacts(*row)


def find(
    session: Session,
    community_ids: Collection[int],
    words: str,
    *,
    code: str | None,
    on: date,
    limit: int,
) -> list[RoomHit]:
    """Rooms by the start of their code, by door, by who lives or owes there, or by bill number.

    `code` is the full room code where `words` could be read as one. Exact codes come first, then
    rooms that owe. Of more than `WEIGHED` hits only the first by code are looked at, of more than
    `NAMED` people only the first by name.
    """
    known: dict[str, Any] = {
        "communities": list(community_ids), "words": words, "begins": _escaped(words),
        "code": code or words, "on": on, "limit": limit,
    }  # fmt: skip
    if words.isascii():
        return [RoomHit(*row) for row in session.execute(_CODED, known)]
    here = among(Person.community_id, list(community_ids))
    known["people"] = seeking.named(session, words, here, most=NAMED)
    return [RoomHit(*row) for row in session.execute(_NAMED, known)]


def _asked(*named: Select[Any]) -> Select[Any]:
    """The question of `find`; `named` are the rooms of those the words name."""
    exact = Room.code == bindparam("code")
    hits = (
        select(Room.id, Room.code, Room.kind, Room.community_id, exact.label("exact"))
        .where(
            Room.community_id == any_(_ids("communities")), Room.id == any_(_meant(exact, *named))
        )
        .order_by(exact.desc(), Room.code)
        .limit(WEIGHED)
        .cte("hits")
    )
    owed, payers = _owed(hits), _payers(hits)
    return (
        select(
            hits.c.id, hits.c.code, hits.c.kind, Community.name, payers.c.names,
            func.coalesce(owed.c.bills, 0), func.coalesce(owed.c.fen, 0),
        )
        .join(Community, Community.id == hits.c.community_id)
        .outerjoin(owed, owed.c.room_id == hits.c.id)
        .outerjoin(payers, payers.c.room_id == hits.c.id)
        .order_by(hits.c.exact.desc(), func.coalesce(owed.c.fen, 0).desc(), hits.c.code)
        .limit(bindparam("limit", type_=Integer))
    )  # fmt: skip


def _ids(name: str) -> BindParameter[Sequence[int]]:
    return bindparam(name, type_=ARRAY(BigInteger))


def _meant(exact: ColumnElement[bool], *named: Select[Any]) -> ColumnElement[Sequence[int]]:
    """Ids of rooms the words may mean; a union, because each part has an index of its own. As an
    array: whose rooms are looked up one by one, where a set would have all rooms walked.
    """
    begins = Room.code.startswith(bindparam("begins"), escape=ESCAPE)
    coded = select(Room.id).where(exact | begins | (Room.door == bindparam("words")))
    numbered = select(Bill.room_id).where(Bill.no == bindparam("words"))
    found = union(coded, numbered, *named)
    return func.array(found.scalar_subquery(), type_=ARRAY(BigInteger))


def _escaped(words: str) -> str:
    """The words as a pattern that means nothing but them."""
    for sign in (ESCAPE, "%", "_"):
        words = words.replace(sign, ESCAPE + sign)
    return words


def _owed(hits: Any) -> Any:
    fen = cast(func.sum(Bill.total_fen - Bill.paid_fen), BigInteger)
    found: Select[Any] = (
        select(Bill.room_id, func.count().label("bills"), fen.label("fen"))
        .where(Bill.room_id.in_(select(hits.c.id)), Bill.status.in_(OWING))
        .group_by(Bill.room_id)
    )
    return found.subquery("owed")


def _payers(hits: Any) -> Any:
    names, on = func.string_agg(Person.name, "、").label("names"), bindparam("on", type_=Date)
    now = Occupancy.to_on.is_(None) | (Occupancy.to_on > on)
    found: Select[Any] = (
        select(Occupancy.room_id, names)
        .join(Person, Person.id == Occupancy.person_id)
        .where(
            Occupancy.room_id.in_(select(hits.c.id)),
            Occupancy.is_payer, Occupancy.from_on <= on, now,
        )
        .group_by(Occupancy.room_id)
    )  # fmt: skip
    return found.subquery("payers")


_NAMES = select(func.unnest(_ids("people")).label("id")).cte("named")
_PEOPLE = func.array(select(_NAMES.c.id).scalar_subquery())
"""Not the people themselves: the database would weigh every one of them before it looks."""
_OWING = (Bill.payer_id == any_(_PEOPLE)) & Bill.status.in_(OWING)
# Put together once: that takes longer than asking.
_CODED = _asked()
_NAMED = _asked(
    select(Occupancy.room_id).where(Occupancy.person_id == any_(_PEOPLE)),
    select(Bill.room_id).where(_OWING),
)
