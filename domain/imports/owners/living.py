"""Who lives in a room according to a sheet: owners with their shares, and their families."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.bulk import IdSource
from domain.imports.owners.persons import Persons
from domain.imports.owners.state import KnownPerson, KnownRoom, Living
from domain.imports.rows import FamilyCell, OwnerRow
from domain.imports.writes import Write, change, insert
from domain.people.model import OccupancyRole


class Households:
    """Writes of occupancies; what has to be checked has been checked."""

    def __init__(self, persons: Persons, ids: Mapping[str, IdSource]) -> None:
        self._persons, self._ids = persons, ids

    def move_in(
        self,
        room: KnownRoom,
        row: OwnerRow,
        people: Sequence[KnownPerson | None],
        since: date,
    ) -> tuple[list[Write], list[str]]:
        """Owners as the sheet names them; the first one pays unless somebody does already."""
        writes: list[Write] = []
        notes: list[str] = []
        for owner, known in zip(row.owners, people, strict=True):
            if known is None:
                person, made = self._persons.make(owner, row.row)
            else:
                person = known
                made, said = self._persons.update(person, owner, row.row)
                notes += said
            living = Living(self._ids["occupancy"].next(), person, owner.share)
            room.owners.append(living)
            lives = self._lives(
                room, living, OccupancyRole.OWNER, since,
                share=owner.share, is_payer=not room.has_payer,
            )  # fmt: skip
            room.has_payer = True
            writes += [*made, lives]
        return writes, notes

    def refresh(
        self, row: OwnerRow, owners: Sequence[Living]
    ) -> tuple[list[Write], list[str], list[str]]:
        """Phones, first ID numbers and shares of owners who live there: writes, what, notes."""
        writes: list[Write] = []
        told: list[str] = []
        notes: list[str] = []
        for living, owner in zip(owners, row.owners, strict=True):
            changed, said = self._persons.update(living.person, owner, row.row)
            notes += said
            told += ["业主联系方式"] if changed else []
            writes += changed
            if owner.share is not None and owner.share != living.share:
                writes.append(
                    change("occupancy", living.id, {"share": living.share}, {"share": owner.share})
                )
                living.share = owner.share
                told.append("产权份额")
        return writes, list(dict.fromkeys(told)), notes

    def family(self, room: KnownRoom, row: OwnerRow, since: date) -> tuple[list[Write], bool]:
        """Members not yet known, and relations newly told; nobody is removed by an import."""
        writes: list[Write] = []
        said: set[str] = set()
        for member in row.family:
            if member.name in said:
                continue
            said.add(member.name)
            living = room.family.get(member.name)
            if living is None:
                writes += self._join(room, member, since)
            elif member.relation and member.relation != living.relation:
                before, after = {"relation": living.relation}, {"relation": member.relation}
                writes.append(change("occupancy", living.id, before, after))
                living.relation = member.relation
        return writes, bool(writes)

    def _join(self, room: KnownRoom, member: FamilyCell, since: date) -> list[Write]:
        person, made = self._persons.make_relative(member.name)
        living = Living(self._ids["occupancy"].next(), person, relation=member.relation)
        room.family[member.name] = living
        lives = self._lives(room, living, OccupancyRole.FAMILY, since, relation=member.relation)
        return [*made, lives]

    def _lives(
        self, room: KnownRoom, living: Living, role: OccupancyRole, since: date, **more: Any
    ) -> Write:
        values = {"is_payer": False, **more}
        return insert(
            "occupancy", living.id, room_id=room.id, person_id=living.person.id,
            role=role, from_on=since, **values,
        )  # fmt: skip
