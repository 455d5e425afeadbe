"""Row by row: what the sheet would change, and what contradicts what is stored."""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy.orm import Session

from domain.bulk import Ids, texts
from domain.imports.owners.persons import NameDiffers, Persons
from domain.imports.owners.state import Known, KnownPerson, KnownRoom, load
from domain.imports.rows import OwnerRow
from domain.imports.writes import ORDER, Difference, RowPlan, Write
from domain.people.model import OccupancyRole
from domain.rooms.model import ROOM_KIND_NAMES
from domain.vault import Vault

SINCE_EVER = date(2000, 1, 1)
"""From when what has no date holds: before every bill this system will write."""


def plan(
    session: Session,
    community_id: int,
    rows: Iterable[OwnerRow],
    *,
    vault: Vault,
    by: str,
    at: datetime,
    on: date,
) -> list[RowPlan]:
    """The difference between a sheet and what is stored on a day. Writes nothing."""
    planner = Planner(session, community_id, vault=vault, by=by, at=at, on=on)
    return [planner.row(row) for row in rows]


class Planner:
    """Plans one sheet; remembers what earlier rows of it bring."""

    def __init__(
        self, session: Session, community_id: int, *, vault: Vault, by: str, at: datetime, on: date
    ) -> None:
        self._community, self._on = community_id, on
        self._known: Known = load(session, community_id, on=on)
        self._ids = {table: Ids(session, table) for table in ORDER}
        self._persons = Persons(self._known, vault, community_id, self._ids, by=by, at=at)

    def row(self, row: OwnerRow) -> RowPlan:
        """One row's plan; a room is new, or compared field by field."""
        try:
            room = self._known.rooms.get(row.code)
            return self._new_room(row) if room is None else self._compare(row, room)
        except NameDiffers:
            return _conflict(
                row, "id_number", "id_number_conflict", "这个身份证号已登记在另一个姓名下，请核对"
            )

    def _new_room(self, row: OwnerRow) -> RowPlan:
        since = row.handover_on or SINCE_EVER
        writes = self._building(row)
        room = KnownRoom(self._ids["room"].next(), row.kind, row.handover_on)
        values = {
            "community_id": self._community,
            "building_id": self._known.buildings[row.building_code],
            "entrance": row.entrance, "door": row.door, "code": row.code,
            "kind": row.kind, "handover_on": row.handover_on,
        }  # fmt: skip
        writes.append(Write("room", room.id, None, texts("room", values)))
        writes.append(self._area(room, row, since))
        writes += self._owners(room, row, since)
        writes += self._family(room, row, since)
        self._known.rooms[row.code] = room
        return RowPlan(row.row, Difference.NEW, writes)

    def _compare(self, row: OwnerRow, room: KnownRoom) -> RowPlan:
        if room.owners and not self._same_owners(row, room):
            return _conflict(
                row, "owner", "owner_conflict",
                "业主和已登记的不同，请办理产权变更，不能用导入修改",
            )  # fmt: skip
        writes, told = self._facts(row, room)
        for person, owner in zip(self._matched(row, room), row.owners, strict=True):
            if person is not None and (changed := self._persons.update(person, owner)):
                writes += changed
                told.append("业主联系方式")
        if not room.owners:
            writes += self._owners(room, row, row.handover_on or SINCE_EVER)
            told.append("业主")
        if family := self._family(room, row, self._on):
            writes += family
            told.append("家庭成员")
        if not writes:
            return RowPlan(row.row, Difference.UNCHANGED)
        return RowPlan(row.row, Difference.CHANGED, writes, sentence="变更：" + "、".join(told))

    def _facts(self, row: OwnerRow, room: KnownRoom) -> tuple[list[Write], list[str]]:
        """Kind, handover day and area, where they differ."""
        writes: list[Write] = []
        told: list[str] = []
        after: dict[str, object] = {}
        if room.kind != row.kind:
            after["kind"] = row.kind
            told.append(f"房屋类型改为{ROOM_KIND_NAMES[row.kind]}")
        if row.handover_on and room.handover_on != row.handover_on:
            after["handover_on"] = row.handover_on
            told.append("交付日期")
        if after:
            before = {name: getattr(room, name) for name in after}
            writes.append(
                Write("room", room.id, texts("room", before), texts("room", after))
            )
        if room.built != row.area or (row.indoor_area and room.indoor != row.indoor_area):
            writes += self._new_area(room, row)
            told.append(f"建筑面积 {room.built or '未登记'} → {row.area}")
        return writes, told

    def _new_area(self, room: KnownRoom, row: OwnerRow) -> list[Write]:
        """The corrected area holds from today; bills of earlier days keep the old one."""
        if room.area_id is None:
            return [self._area(room, row, row.handover_on or SINCE_EVER)]
        if room.area_from == self._on:
            before = {"built_area": room.built, "indoor_area": room.indoor}
            after = {"built_area": row.area, "indoor_area": row.indoor_area or room.indoor}
            return [
                Write("room_area", room.area_id, texts("room_area", before), texts("room_area", after))
            ]
        ended = Write(
            "room_area", room.area_id, {"to_on": None}, texts("room_area", {"to_on": self._on})
        )
        return [ended, self._area(room, row, self._on)]

    def _building(self, row: OwnerRow) -> list[Write]:
        if row.building_code in self._known.buildings:
            return []
        building_id = self._ids["building"].next()
        self._known.buildings[row.building_code] = building_id
        values = {
            "community_id": self._community, "code": row.building_code, "name": row.building_name,
        }  # fmt: skip
        return [Write("building", building_id, None, texts("building", values))]

    def _area(self, room: KnownRoom, row: OwnerRow, since: date) -> Write:
        values = {
            "room_id": room.id, "from_on": since,
            "built_area": row.area, "indoor_area": row.indoor_area or room.indoor,
        }  # fmt: skip
        return Write("room_area", self._ids["room_area"].next(), None, texts("room_area", values))

    def _owners(self, room: KnownRoom, row: OwnerRow, since: date) -> list[Write]:
        """Owners as the sheet names them; the first one pays."""
        writes: list[Write] = []
        for place, owner in enumerate(row.owners):
            person = self._persons.find(owner)
            if person is None:
                person, made = self._persons.make(owner)
                writes += made
            else:
                writes += self._persons.update(person, owner)
            room.owners.append(person)
            values = {"share": owner.share, "is_payer": place == 0}
            writes.append(self._lives(room, person, OccupancyRole.OWNER, since, **values))
        return writes

    def _family(self, room: KnownRoom, row: OwnerRow, since: date) -> list[Write]:
        writes: list[Write] = []
        for member in row.family:
            if member.name in room.family:
                continue
            room.family.add(member.name)
            person_id = self._ids["person"].next()
            values = {"community_id": self._community, "name": member.name}
            writes.append(Write("person", person_id, None, texts("person", values)))
            person = KnownPerson(person_id, member.name, None, None)
            writes.append(
                self._lives(room, person, OccupancyRole.FAMILY, since, relation=member.relation)
            )
        return writes

    def _lives(
        self, room: KnownRoom, person: KnownPerson, role: OccupancyRole, since: date, **more: object
    ) -> Write:
        values = {
            "room_id": room.id, "person_id": person.id, "role": role, "from_on": since,
            "share": None, "relation": None, "is_payer": False, **more,
        }  # fmt: skip
        return Write("occupancy", self._ids["occupancy"].next(), None, texts("occupancy", values))

    def _same_owners(self, row: OwnerRow, room: KnownRoom) -> bool:
        return sorted(owner.name for owner in row.owners) == sorted(p.name for p in room.owners)

    def _matched(self, row: OwnerRow, room: KnownRoom) -> list[KnownPerson | None]:
        """Stored owners in the order of the sheet, by name."""
        rest = list(room.owners)
        found: list[KnownPerson | None] = []
        for owner in row.owners:
            person = next((known for known in rest if known.name == owner.name), None)
            if person:
                rest.remove(person)
            found.append(person)
        return found


def _conflict(row: OwnerRow, column: str, code: str, sentence: str) -> RowPlan:
    return RowPlan(
        row.row, Difference.CONFLICTING, column=column, code=code, sentence=f"冲突：{sentence}"
    )
