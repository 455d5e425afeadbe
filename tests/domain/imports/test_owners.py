"""Owners against the books: who is who, what is new, what changes and what contradicts."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import select

from domain.company.opening import open_community
from domain.imports.model import ImportChange
from domain.people.model import Consent, Occupancy, OccupancyRole, Person, PersonKind
from domain.rooms.model import Building, Room, RoomArea, RoomKind
from tests.domain.imports.sheets import (
    bring,
    counts,
    everything,
    faults,
    many,
    number,
    person,
    plan,
    room,
)
from tests.factories.office import Office

ID = number(1)


def one(office: Office, model: type, **where: object):
    return office.session.scalars(select(model).filter_by(**where)).one()


def areas(office: Office) -> list[tuple[date, date | None, Decimal]]:
    rows = office.session.scalars(select(RoomArea).order_by(RoomArea.from_on))
    return [(row.from_on, row.to_on, row.built_area) for row in rows]


def test_a_new_room_comes_with_everything(office: Office) -> None:
    row = room(
        "5-1-101", person(idn=ID), handover_on=date(2021, 6, 30), indoor_area=Decimal("80.10"),
        family=[("朱梅", "配偶"), ("唐诗", "子女")],
    )  # fmt: skip
    _, tally = bring(office, row)
    assert counts(tally) == {"new": 1}
    assert tally.words == {2: "新增"}
    stored = one(office, Room, code="5-1-101")
    assert (stored.entrance, stored.door, stored.handover_on) == ("1", "101", date(2021, 6, 30))
    assert one(office, Building, id=stored.building_id).name == "5栋"
    area = one(office, RoomArea, room_id=stored.id)
    assert (area.built_area, area.indoor_area, area.from_on) == (
        Decimal("98.50"), Decimal("80.10"), date(2021, 6, 30),
    )  # fmt: skip
    lives = office.session.execute(
        select(Person.name, Occupancy.role, Occupancy.relation, Occupancy.is_payer)
        .join(Person, Person.id == Occupancy.person_id)
        .order_by(Occupancy.id)
    ).all()
    assert [tuple(row) for row in lives] == [
        ("丁一", OccupancyRole.OWNER, None, True),
        ("朱梅", OccupancyRole.FAMILY, "配偶", False),
        ("唐诗", OccupancyRole.FAMILY, "子女", False),
    ]


def test_phone_and_id_number_are_sealed_and_found_again(office: Office) -> None:
    bring(office, room("1-1-101", person(idn=ID)))
    stored = one(office, Person)
    assert office.vault.open(stored.phone_sealed) == "17400000001"
    assert office.vault.open(stored.id_number_sealed) == ID
    assert bytes(stored.id_number_blind) == office.vault.blind(ID)
    assert (stored.phone_masked, stored.birth_on) == ("174****0001", date(1980, 1, 1))
    assert one(office, Consent).person_id == stored.id


def test_nothing_of_it_stands_anywhere_in_the_clear(office: Office) -> None:
    batch, tally = bring(office, room("1-1-101", person(idn=ID)))
    changes = office.session.scalars(select(ImportChange).filter_by(batch_id=batch)).all()
    written = " ".join([*everything_of(office), *(str(c.writes) for c in changes), str(tally)])
    assert "17400000001" not in written
    assert ID not in written


def everything_of(office: Office) -> list[str]:
    return [row for rows in everything(office.session).values() for row in rows]


def test_no_id_number_no_consent(office: Office) -> None:
    bring(office, room())
    assert many(office.session, Consent) == 0


def test_the_same_sheet_twice_changes_nothing(office: Office) -> None:
    sheet = [
        room("1-1-101", person("丁一", idn=ID, share="0.5"), person("杜安", None, share="0.5")),
        room("1-1-102", person("丁一", idn=ID), row=3, family=[("朱梅", "配偶")]),
        room("商-S01", person("翠湖置业有限公司"), row=4, kind=RoomKind.SHOP),
    ]
    bring(office, *sheet)
    before = everything(office.session)
    _, again = bring(office, *sheet)
    assert counts(again) == {"unchanged": 3}
    assert everything(office.session) == before


def test_a_plan_alone_changes_nothing(office: Office) -> None:
    before = everything(office.session)
    assert counts(plan(office, room(), room("1-1-102", row=3))) == {"new": 2}
    assert everything(office.session) == before


def test_one_owner_of_several_rooms_is_one_person(office: Office) -> None:
    bring(
        office,
        room("1-1-101", person(idn=ID)),
        room("1-1-102", person(idn=ID), row=3),
        room("车-012", person(), row=4, kind=RoomKind.PARKING),
    )
    assert many(office.session, Person) == 1
    assert many(office.session, Occupancy) == 3


def test_an_id_number_given_only_in_a_later_row_is_added(office: Office) -> None:
    bring(office, room("1-1-101"), room("1-1-102", person(idn=ID), row=3))
    assert bytes(one(office, Person).id_number_blind) == office.vault.blind(ID)
    assert many(office.session, Consent) == 1


def test_several_owners_with_shares_and_one_payer(office: Office) -> None:
    owners = (person("郭杰", share="0.6"), person("冯怡", "17400000002", share="0.4"))
    bring(office, room("1-1-101", *owners))
    lives = office.session.scalars(select(Occupancy).order_by(Occupancy.id)).all()
    assert [(o.share, o.is_payer) for o in lives] == [
        (Decimal("0.600000"), True), (Decimal("0.400000"), False),
    ]  # fmt: skip
    owners = (person("冯怡", "17400000002", share="0.5"), person("郭杰", share="0.5"))
    _, tally = bring(office, room("1-1-101", *owners))
    assert tally.words == {2: "变更：产权份额"}
    lives = office.session.scalars(select(Occupancy)).all()
    assert [o.share for o in lives] == [Decimal("0.500000")] * 2


def test_a_tenant_who_pays_goes_on_paying(office: Office) -> None:
    place = office.room("1-1-101", owner=None, area="98.50")
    office.lives(place, office.person("田七"), role=OccupancyRole.TENANT)
    _, tally = bring(office, room())
    assert tally.words == {2: "变更：业主"}
    assert not one(office, Occupancy, role=OccupancyRole.OWNER).is_payer


def test_a_room_whose_owner_left_takes_the_next_from_that_day(office: Office) -> None:
    place = office.room("1-1-101", owner=None, area="98.50")
    left = date(2025, 3, 1)
    office.lives(place, office.person("旧主"), until=left)
    assert counts(bring(office, room())[1]) == {"changed": 1}
    assert one(office, Occupancy, to_on=None).from_on == left


def test_a_company_owns_with_its_credit_code(office: Office) -> None:
    code = "91110000MA01ABCD3X"
    bring(office, room("商-S01", person("翠湖置业有限公司", idn=code), kind=RoomKind.SHOP))
    stored = one(office, Person)
    assert (stored.kind, stored.birth_on) == (PersonKind.COMPANY, None)
    assert many(office.session, Consent) == 0, "a credit code is public"


def test_an_owner_under_fourteen_is_known_by_birthday(office: Office) -> None:
    bring(office, room("1-1-101", person(idn=number(7, born="20180909"))))
    assert one(office, Person).birth_on == date(2018, 9, 9)


def test_two_people_may_share_a_phone(office: Office) -> None:
    bring(office, room("1-1-101", person("丁一")), room("1-1-102", person("杜安"), row=3))
    assert {p.name for p in office.session.scalars(select(Person))} == {"丁一", "杜安"}


def test_same_name_and_phone_with_two_id_numbers_are_two_people(office: Office) -> None:
    bring(
        office,
        room("1-1-101", person(idn=ID)),
        room("1-1-102", person(idn=number(2)), row=3),
    )
    assert many(office.session, Person) == 2


def test_an_id_number_under_another_name_is_a_conflict(office: Office) -> None:
    bring(office, room("1-1-101", person("丁一", idn=ID)))
    before = everything(office.session)
    _, tally = bring(office, room("9-1-102", person("杜安", idn=ID), row=3))
    assert faults(tally) == [(3, "id_number", "id_number_conflict")]
    assert everything(office.session) == before, "not even the building"


def test_another_id_number_for_a_known_owner_is_a_conflict(office: Office) -> None:
    bring(office, room("1-1-101", person(idn=ID)), room("1-1-102", person(idn=number(2)), row=3))
    for wrong in (number(3), number(2)):
        _, tally = bring(office, room("1-1-101", person(idn=wrong)))
        assert faults(tally) == [(2, "id_number", "id_number_conflict")]


def test_an_id_number_of_a_namesake_is_a_conflict(office: Office) -> None:
    bring(
        office, room("1-1-101", person(phone="17400000009")), room("1-1-102", person(idn=ID), row=3)
    )
    _, tally = bring(office, room("1-1-101", person(phone="17400000009", idn=ID)))
    assert faults(tally) == [(2, "id_number", "id_number_conflict")]


def test_other_owners_than_stored_are_a_conflict(office: Office) -> None:
    bring(office, room("1-1-101", person("丁一")))
    _, tally = bring(office, room("1-1-101", person("杜安")), room("1-1-102", row=3))
    assert counts(tally) == {"new": 1, "conflicting": 1}
    assert faults(tally) == [(2, "owner", "owner_conflict")]
    assert tally.words[2].startswith("冲突：")


def test_a_changed_phone_is_changed(office: Office) -> None:
    bring(office, room("1-1-101", person()))
    _, tally = bring(office, room("1-1-101", person(phone="17400000009")))
    assert tally.words == {2: "变更：业主联系方式"}
    assert office.vault.open(one(office, Person).phone_sealed) == "17400000009"


def test_two_phones_for_one_person_in_a_sheet_settle_on_the_first(office: Office) -> None:
    sheet = (
        room("1-1-101", person(phone="17400000008", idn=ID)),
        room("1-1-102", person(phone="17400000009", idn=ID), row=3),
    )
    _, first = bring(office, *sheet)
    assert first.words[3] == "新增（电话和第 2 行不同，以第 2 行为准）"
    before = everything(office.session)
    assert counts(bring(office, *sheet)[1]) == {"unchanged": 2}
    assert everything(office.session) == before


def test_a_corrected_area_ends_the_old_one_today(office: Office) -> None:
    bring(office, room("1-1-101", handover_on=date(2021, 6, 30)))
    corrected = room("1-1-101", handover_on=date(2021, 6, 30), area=Decimal("100.00"))
    today = date(2026, 11, 1)
    _, tally = bring(office, corrected)
    assert tally.words == {2: "变更：建筑面积"}
    expected = [
        (date(2021, 6, 30), today, Decimal("98.50")),
        (today, None, Decimal("100.00")),
    ]
    assert areas(office) == expected
    assert counts(bring(office, corrected)[1]) == {"unchanged": 1}
    bring(office, replace(corrected, area=Decimal("101.00")))
    assert areas(office)[1] == (today, None, Decimal("101.00")), "the same day: put right in place"


def test_a_room_yet_to_be_handed_over_is_the_same_twice(office: Office) -> None:
    row = room("1-1-101", handover_on=date(2027, 6, 30))
    bring(office, row)
    assert counts(bring(office, row)[1]) == {"unchanged": 1}
    later = office.at + timedelta(days=400)
    assert counts(bring(office, row, at=later)[1]) == {"unchanged": 1}


def test_kind_and_handover_change(office: Office) -> None:
    bring(office, room())
    row = room("1-1-101", kind=RoomKind.OFFICE, handover_on=date(2022, 1, 1))
    _, tally = bring(office, row)
    assert tally.words == {2: "变更：房屋类型改为办公、交付日期"}
    stored = one(office, Room)
    assert (stored.kind, stored.handover_on) == (RoomKind.OFFICE, date(2022, 1, 1))


def test_family_is_added_and_relations_are_put_right(office: Office) -> None:
    bring(office, room("1-1-101", family=[("朱梅", "配偶")]))
    row = room("1-1-101", family=[("朱梅", "父母"), ("唐诗", "子女"), ("唐诗", "孙子")])
    _, tally = bring(office, row)
    assert tally.words == {2: "变更：家庭成员"}
    family = select(Occupancy.relation).where(Occupancy.role == OccupancyRole.FAMILY)
    assert sorted(office.session.scalars(family)) == ["子女", "父母"]
    assert counts(bring(office, row)[1]) == {"unchanged": 1}


def test_notes_of_reading_reach_the_result_column(office: Office) -> None:
    tally = plan(office, room("1-1-101", notes=("只保存了第一个电话",)))
    assert tally.words == {2: "新增（只保存了第一个电话）"}


def test_rows_of_another_community_of_ours_are_refused(office: Office) -> None:
    other = replace(room(), community="碧水湾")
    mine = replace(room("1-1-102", row=3), community="翠湖 花园")
    tally = plan(office, other, mine)
    assert faults(tally) == [(2, "community", "community_mismatch")]
    assert counts(tally) == {"new": 1, "refused": 1}


def test_a_sheet_with_one_name_nobody_knows_is_taken_as_meant(office: Office) -> None:
    assert counts(plan(office, replace(room(), community="翠湖一期"))) == {"new": 1}


def test_a_sheet_of_a_known_community_is_refused_whole(office: Office) -> None:
    open_community(office.session, "碧水湾")
    assert counts(plan(office, replace(room(), community="碧水湾"))) == {"refused": 1}
