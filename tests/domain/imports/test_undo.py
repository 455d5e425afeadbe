"""Taking a batch back: everything, but what people have touched or used since."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select, text, update

from domain.bills.model import BillLine
from domain.errors import NotAllowedNow
from domain.fees.model import FeeBasis
from domain.imports import undo as undoing
from domain.imports.model import ImportChange
from domain.imports.undo import EDITED, USED, Kept
from domain.meters.model import Meter, MeterReading
from domain.people.model import Occupancy, Person
from domain.rooms.model import Building, Room, RoomArea
from tests.domain.imports.sheets import (
    bring,
    charge,
    counts,
    dial,
    everything,
    many,
    number,
    person,
    room,
    undo,
)  # fmt: skip
from tests.factories.office import Office

ID = number(1)
SHEET = (
    room("1-1-101", person(idn=ID), family=[("朱梅", "配偶")]),
    room("1-1-102", person(idn=ID), row=3),
    room("2-1-101", person("杜安", "17400000002"), person("冯怡", None), row=4),
)


def find(office: Office, code: str) -> Room:
    return office.session.scalars(select(Room).filter_by(code=code)).one()


def test_an_untouched_batch_leaves_nothing(office: Office) -> None:
    before = everything(office.session)
    batch, _ = bring(office, *SHEET)
    assert undo(office, batch) == []
    assert everything(office.session) == before


def test_a_number_that_is_also_a_buildings_is_no_use_of_a_room(office: Office) -> None:
    """A meter's key to its room has two columns, of which one is the room's number."""
    office.session.execute(text("SELECT setval('room_id_seq', 1000000)"))  # no building has it yet
    batch, _ = bring(office, room("1-1-101"))
    same = find(office, "1-1-101").id
    office.session.add(Building(id=same, community_id=office.community.id, code="9", name="9栋"))
    office.meter(office.room("9-1-101", owner=None), {})
    assert undo(office, batch) == []


def test_changes_go_back_to_what_was_there_to_the_byte(office: Office) -> None:
    bring(office, *SHEET)
    before = everything(office.session)
    corrected = replace(SHEET[0], area=Decimal("101.00"), handover_on=date(2022, 2, 2))
    owners = (person("杜安", "17400000009", number(9)), person("冯怡", None))
    changed = corrected, replace(SHEET[2], owners=owners)
    batch, tally = bring(office, *changed)
    assert counts(tally) == {"changed": 2}
    assert undo(office, batch) == []
    assert everything(office.session) == before


def test_an_id_number_added_by_a_later_row_does_not_count_as_an_edit(office: Office) -> None:
    before = everything(office.session)
    batch, _ = bring(office, room("1-1-101"), room("1-1-102", person(idn=ID), row=3))
    assert undo(office, batch) == []
    assert everything(office.session) == before


@pytest.mark.parametrize(
    "edit",
    [
        update(Person).where(Person.name == "丁一").values(name="丁壹"),
        update(Person).where(Person.name == "朱梅").values(phone_sealed=b"1", phone_blind=b"2"),
        update(Room).where(Room.code == "1-1-101").values(door="101A"),
        update(RoomArea).values(share_weight=2),
        update(Occupancy).where(Occupancy.relation.is_not(None)).values(to_on=date(2026, 12, 1)),
    ],
    ids=["name", "a phone where none was", "door", "weight", "moved out"],
)
def test_a_row_edited_since_is_kept_and_told(office: Office, edit: object) -> None:
    batch, _ = bring(office, *SHEET)
    office.session.execute(edit)
    kept = undo(office, batch)
    assert Kept(2, EDITED) in kept
    assert find(office, "1-1-101")


def test_the_rest_goes_and_what_the_kept_row_stands_on_stays(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    office.session.execute(update(Room).where(Room.code == "1-1-102").values(door="102A"))
    assert undo(office, batch) == [Kept(3, EDITED)]
    assert [room.code for room in office.session.scalars(select(Room))] == ["1-1-102"]
    assert {p.name for p in office.session.scalars(select(Person))} == {"丁一"}
    assert {b.code for b in office.session.scalars(select(Building))} == {"1"}


def test_a_billed_row_is_kept(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    office.bill(find(office, "2-1-101"), 10_000)
    assert undo(office, batch) == [Kept(4, USED)]
    assert [room.code for room in office.session.scalars(select(Room))] == ["2-1-101"]


def test_an_owner_bound_in_wecom_keeps_his_row(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    owner = office.session.scalars(select(Person).filter_by(name="杜安")).one()
    office.bound(owner, "wm-1")
    assert undo(office, batch) == [Kept(4, USED)]


def test_a_row_a_later_batch_built_on_is_kept(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    later, _ = bring(office, dial(100))
    assert undo(office, batch) == [Kept(2, USED)]
    assert undo(office, later) == []


def test_a_later_correction_keeps_the_earlier_row(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    bring(office, room("1-1-101", person(phone="17400000009", idn=ID)))
    assert undo(office, batch) == [Kept(2, EDITED)]


def test_a_corrected_area_that_has_been_billed_is_kept(office: Office) -> None:
    bring(office, *SHEET)
    batch, _ = bring(office, replace(SHEET[0], area=Decimal("101.00")))
    office.bill(find(office, "1-1-101"), 10_000)
    office.session.execute(update(BillLine).values(area=Decimal("101.00")))
    assert undo(office, batch) == [Kept(2, USED)]


def test_readings_go_with_their_meter_unless_billed(office: Office) -> None:
    place = office.room("1-1-101")
    batch, _ = bring(
        office, dial(120), dial(130, date(2026, 11, 1), row=3), dial(140, date(2026, 12, 1), row=4),
        at=datetime(2026, 12, 1, tzinfo=UTC),
    )  # fmt: skip
    meter = office.session.scalars(select(Meter)).one()
    office.bill(place, 10_000)
    told = {"id": meter.id, "first_on": "2026-11-01", "last_on": "2026-12-01"}
    office.session.execute(update(BillLine).values(detail={"meters": [told]}))
    assert undo(office, batch) == [Kept(3, USED), Kept(4, USED)]
    assert many(office.session, MeterReading) == 2
    assert many(office.session, Meter) == 1, "a meter with readings stays"


def test_readings_not_billed_go_with_their_meter(office: Office) -> None:
    office.room("1-1-101")
    batch, _ = bring(office, dial(120), dial(130, date(2026, 11, 1), row=3))
    assert undo(office, batch) == []
    assert many(office.session, Meter) == 0


def test_charges_go_unless_billed(office: Office) -> None:
    place = office.room("1-1-101")
    item = office.fee("parking", basis=FeeBasis.FIXED, name="车位费")
    batch, _ = bring(office, charge(), charge(row=3, note="沪A2"))
    office.bill(place, 10_000)
    office.session.execute(update(BillLine).values(fee_item_id=item.id))
    assert undo(office, batch) == [Kept(2, USED)]


def test_a_batch_is_undone_once(office: Office) -> None:
    batch, _ = bring(office, *SHEET)
    undo(office, batch)
    with pytest.raises(NotAllowedNow, match="已撤销"):
        undo(office, batch)
    undone = office.session.scalars(select(ImportChange.undone_at)).all()
    assert undone == [office.at] * 3


def test_every_table_an_import_writes_knows_who_refers_to_it() -> None:
    assert ("occupancy", "person_id") in undoing.references("person")
    assert ("bill", "payer_id") in undoing.references("person")
    assert ("room", "building_id") in undoing.references("building")
