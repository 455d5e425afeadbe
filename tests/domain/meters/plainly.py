"""The lists of meters, counted and sorted plainly from rooms and readings: what they have to say."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.access.access import Access, Grant
from domain.listing import Wanted
from domain.meters import listing

METERS = """
    SELECT m.id, m.serial, m.kind, m.from_on, m.to_on, r.community_id, r.building_id, r.code AS room,
           b.name AS building, length(b.code) AS long, b.code AS called, c.name AS community,
           (SELECT max(read_on) FROM meter_reading x WHERE x.meter_id = m.id) AS read_on
      FROM meter m JOIN room r ON r.id = m.room_id JOIN building b ON b.id = r.building_id
      JOIN community c ON c.id = r.community_id"""
KEPT = "SELECT id, room_code, building_id, last_read_on FROM meter ORDER BY id"
SIZE = 3


@dataclass(frozen=True)
class Books:
    """Every meter with its room and its last reading."""

    rows: Sequence[Any]

    @classmethod
    def of(cls, session: Session) -> "Books":
        """As the tables say now."""
        session.flush()
        return cls(session.execute(text(METERS)).all())

    def kept(self) -> list[tuple[Any, ...]]:
        """What the database should have written beside each meter."""
        return sorted((row.id, row.room, row.building_id, row.read_on) for row in self.rows)

    def seen(self, access: Access, wanted: Wanted, on: date) -> list[int]:
        """Ids of the meters of a list, in its order."""
        name = wanted.sort.removeprefix("-") or "room"
        rows = [row for row in self._seen(access) if _meant(row, wanted, on)]
        rows.sort(
            key=lambda row: (
                (row.serial, row.id)
                if name == "serial"
                else (row.community_id, row.room, row.kind, row.id)
            ),
            reverse=wanted.sort.startswith("-"),
        )
        return [row.id for row in rows]

    def rounds(self, access: Access, on: date) -> list[tuple[int, int, int]]:
        """(building, meters, missing), most to do first."""
        found: dict[int, list[Any]] = {}
        for row in self._seen(access):
            if _in_use(row, on):
                found.setdefault(row.building_id, []).append(row)
        rows = [(rows, sum(not _read(row, on) for row in rows)) for rows in found.values()]
        rows.sort(key=lambda one: (-one[1], one[0][0].community, one[0][0].long, one[0][0].called))
        return [(rows[0].building_id, len(rows), missing) for rows, missing in rows]

    def _seen(self, access: Access) -> list[Any]:
        return [
            row
            for row in self.rows
            if access.may("meters.see", community_id=row.community_id, building_id=row.building_id)
        ]


def colleague(community: int | None = None, building: int | None = None) -> Access:
    """Somebody who may see and read meters there."""
    may = frozenset({"meters.see", "meters.edit"})
    return Access(1, "周经理", (Grant("抄表", may, {}, community, building),))


def questions(books: Books) -> Iterator[Wanted]:
    """Every filter with every order, pages that are there and pages that are not."""
    places = [{}] + [{"building": str(one)} for one in {row.building_id for row in books.rows}]
    places += [{"community": str(one)} for one in {row.community_id for row in books.rows}]
    kinds = [{}, {"kind": "power"}]
    states = [{}, {"read": "read"}, {"read": "missing"}, {"read": "gone"}]
    sorts = ("", "-room", "serial", "-serial")
    for place, kind, state, sort, page in product(places, kinds, states, sorts, (1, 2, 99)):
        yield Wanted(filters={**place, **kind, **state}, sort=sort, page=page, size=SIZE)


def agree(session: Session) -> None:
    """What is kept is what the readings say."""
    books = Books.of(session)
    assert [tuple(row) for row in session.execute(text(KEPT))] == books.kept()


def lists_agree(session: Session, access: Access, on: date, asked: Sequence[Wanted]) -> None:
    """Rows, order, counts and pages of the lists a colleague may open."""
    books = Books.of(session)
    for wanted in asked:
        found = listing.meters(session, access, wanted, code=None, on=on)
        ids = books.seen(access, wanted, on)
        page = min(wanted.page, max(1, -(-len(ids) // SIZE)))
        assert (found.count, found.page, found.many) == (len(ids), page, False), wanted
        assert [row.id for row in found.rows] == ids[(page - 1) * SIZE : page * SIZE], wanted
    rounds = listing.rounds(session, access, on=on)
    told = [(row.building_id, row.meters, row.missing) for row in rounds]
    assert told == books.rounds(access, on)
    for building, _, missing in told:
        assert len(listing.missing(session, building, on=on)) == missing


def _in_use(row: Any, on: date) -> bool:
    return bool(row.from_on <= on and (row.to_on is None or row.to_on > on))


def _read(row: Any, on: date) -> bool:
    return bool(row.read_on is not None and row.read_on >= on.replace(day=1))


def _meant(row: Any, wanted: Wanted, on: date) -> bool:
    state = wanted.filter("read")
    return (
        wanted.filter("community") in ("", str(row.community_id))
        and wanted.filter("building") in ("", str(row.building_id))
        and wanted.filter("kind") in ("", row.kind)
        and _in_use(row, on) is not (state == "gone")
        and (state not in ("read", "missing") or _read(row, on) is (state == "read"))
    )
