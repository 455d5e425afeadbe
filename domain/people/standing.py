"""Where people stand on a day: in a role somewhere, without a room, reached by WeCom.

Most entries say no end, and those of a person are one date beside the name (`Person.owner_since`
and its like); the few that end on a day to come are asked for by themselves.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, Text, cast, func, literal, select

from domain.people.model import Occupancy, OccupancyRole, Person

SINCE = {
    OccupancyRole.OWNER: Person.owner_since,
    OccupancyRole.FAMILY: Person.family_since,
    OccupancyRole.TENANT: Person.tenant_since,
}
COLUMNS = [column.key for column in SINCE.values()]
_settled = func.coalesce(func.least(*SINCE.values()), cast(literal("infinity", Text), Date))
"""Since when a person has a room by an entry that says no end, as the index `ix_person_settled`."""
REACHED = Person.reached_since.is_not(None)
"""Whether the person has a WeCom contact that works."""


def holds(role: OccupancyRole, on: date) -> ColumnElement[bool]:
    """Persons who have this role in some room on a day."""
    return (SINCE[role] <= on) | Person.id.in_(_leaving(on).where(Occupancy.role == role))


def homeless(on: date) -> ColumnElement[bool]:
    """Persons without any room on a day."""
    return (_settled > on) & Person.id.not_in(_leaving(on))


def kept(entries: Iterable[Mapping[str, str | None]]) -> dict[str, dict[str, str | None]]:
    """What the database would keep of people, by their ids, who have these entries and no others.

    Of new rows as texts: whoever writes it with the name spares it the second writing.
    """
    found: dict[str, dict[str, str | None]] = defaultdict(dict)
    for entry in entries:
        one, since, until = entry["person_id"], entry["from_on"], entry.get("to_on")
        if one and since and until is None:
            known, name = found[one], f"{entry['role']}_since"
            known[name] = min(known.get(name) or since, since)
    return found


def _leaving(on: date) -> Select[Any]:
    """Whoever is somewhere on a day and has a day to leave."""
    return select(Occupancy.person_id).where(Occupancy.to_on > on, Occupancy.from_on <= on)
