"""Row by row: what the sheet would change, and what contradicts what is stored."""

from collections.abc import Mapping, Sequence
from datetime import date

from domain.bulk import IdSource
from domain.imports.owners.living import Households
from domain.imports.owners.persons import Persons
from domain.imports.owners.state import Known, KnownArea, KnownRoom, Living
from domain.imports.rows import OwnerRow
from domain.imports.writes import (
    Difference,
    RowPlan,
    Stop,
    Write,
    change,
    conflict,
    insert,
    outcome,
)
from domain.rooms.model import ROOM_KIND_NAMES

SINCE_EVER = date(2000, 1, 1)
"""From when what has no date holds: before every bill this system will write."""


class OwnersPlanner:
    """Plans one sheet of owners; remembers what earlier rows of it bring."""

    def __init__(
        self,
        known: Known,
        persons: Persons,
        community_id: int,
        ids: Mapping[str, IdSource],
        *,
        on: date,
    ) -> None:
        self._known, self._persons, self._community = known, persons, community_id
        self._ids, self._on = ids, on
        self._households = Households(persons, ids)

    def row(self, row: OwnerRow) -> RowPlan:
        """One row's plan; a room is new, or compared field by field."""
        self._persons.start_row()
        try:
            room = self._known.rooms.get(row.code)
            return self._new_room(row) if room is None else self._compare(row, room)
        except Stop as stop:
            return stop.plan(row.row)

    def _new_room(self, row: OwnerRow) -> RowPlan:
        people = [self._persons.resolve(owner) for owner in row.owners]  # may stop: first of all
        since = row.handover_on or SINCE_EVER
        writes = self._building(row)
        room = KnownRoom(self._ids["room"].next(), row.kind, row.handover_on)
        self._known.rooms[row.code] = room
        writes.append(
            insert(
                "room", room.id, community_id=self._community,
                building_id=self._known.buildings[row.building_code], entrance=row.entrance,
                door=row.door, code=row.code, kind=row.kind, handover_on=row.handover_on,
            )
        )  # fmt: skip
        writes.append(self._area(room, row, since))
        owners, notes = self._households.move_in(room, row, people, since)
        family, _ = self._households.family(room, row, since)
        return RowPlan(
            row.row, Difference.NEW, [*writes, *owners, *family], notes=[*row.notes, *notes]
        )

    def _compare(self, row: OwnerRow, room: KnownRoom) -> RowPlan:
        matched = self._match(row, room)
        people = [] if matched else [self._persons.resolve(owner) for owner in row.owners]
        writes, told = self._facts(row, room)
        area = self._corrected(row, room)
        if area:
            writes += area
            told.append("建筑面积")
        if matched:
            more, said, notes = self._households.refresh(row, matched)
        else:
            since = max(row.handover_on or SINCE_EVER, room.free_from or SINCE_EVER)
            more, notes = self._households.move_in(room, row, people, since)
            said = ["业主"]
        family, changed = self._households.family(room, row, self._on)
        told += [*said, *(["家庭成员"] if changed else [])]
        return outcome(row.row, [*writes, *more, *family], told, [*row.notes, *notes])

    def _match(self, row: OwnerRow, room: KnownRoom) -> Sequence[Living]:
        """Stored owners in the order of the sheet, by name; () where nobody is stored."""
        if not room.owners:
            return ()
        if sorted(owner.name for owner in row.owners) != sorted(o.person.name for o in room.owners):
            raise conflict(
                "owner", "owner_conflict", "业主和已登记的不同，请办理产权变更，不能用导入修改"
            )
        by_name = {living.person.name: living for living in room.owners}
        matched = [by_name[owner.name] for owner in row.owners]
        for living, owner in zip(matched, row.owners, strict=True):
            self._persons.check(living.person, owner)
        return matched

    def _facts(self, row: OwnerRow, room: KnownRoom) -> tuple[list[Write], list[str]]:
        """Kind and handover day, where they differ."""
        told: list[str] = []
        after: dict[str, object] = {}
        before = {"kind": room.kind, "handover_on": room.handover_on}
        if room.kind != row.kind:
            after["kind"] = room.kind = row.kind
            told.append(f"房屋类型改为{ROOM_KIND_NAMES[row.kind]}")
        if row.handover_on and room.handover_on != row.handover_on:
            after["handover_on"] = room.handover_on = row.handover_on
            told.append("交付日期")
        return [change("room", room.id, before, after)] if after else [], told

    def _corrected(self, row: OwnerRow, room: KnownRoom) -> list[Write]:
        """A corrected area holds from today; bills of earlier days keep the old one."""
        old = room.area
        if old is None:
            since = max(row.handover_on or SINCE_EVER, room.unmeasured_from or SINCE_EVER)
            return [self._area(room, row, since)]
        indoor = row.indoor_area or old.indoor
        if (old.built, old.indoor) == (row.area, indoor):
            return []
        before = {"built_area": old.built, "indoor_area": old.indoor, "to_on": old.to_on}
        if old.from_on >= self._on:
            after = {"built_area": row.area, "indoor_area": indoor}
            old.built, old.indoor = row.area, indoor
            return [change("room_area", old.id, before, after)]
        ended = change("room_area", old.id, before, {"to_on": self._on})
        return [ended, self._area(room, row, self._on)]

    def _area(self, room: KnownRoom, row: OwnerRow, since: date) -> Write:
        old = room.area
        extra = {"to_on": old.to_on, "share_weight": old.weight} if old else {}
        indoor = row.indoor_area or (old.indoor if old else None)
        new_id = self._ids["room_area"].next()
        if old:
            room.area = KnownArea(new_id, since, old.to_on, row.area, indoor, old.weight)
        return insert(
            "room_area", new_id, room_id=room.id, from_on=since,
            built_area=row.area, indoor_area=indoor, **extra,
        )  # fmt: skip

    def _building(self, row: OwnerRow) -> list[Write]:
        if row.building_code in self._known.buildings:
            return []
        building_id = self._ids["building"].next()
        self._known.buildings[row.building_code] = building_id
        return [
            insert(
                "building", building_id, community_id=self._community,
                code=row.building_code, name=row.building_name,
            )
        ]  # fmt: skip
