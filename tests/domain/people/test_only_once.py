"""What PostgreSQL itself does not let happen twice, whoever writes."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from itertools import product

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from domain.base import days_at
from domain.company.model import Community
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Building, Room, RoomArea, RoomKind, RoomVacancy
from tests.factories.office import Office

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


def broken(office: Office, write: Callable[[], object]) -> str:
    """The name of the constraint that `write` runs into."""

    def flushed() -> None:
        with office.session.begin_nested():
            write()
            office.session.flush()

    with pytest.raises(IntegrityError) as caught:
        flushed()
    return str(caught.value.orig.diag.constraint_name)


def person(office: Office, **sealed: bytes) -> Person:
    made = Person(community_id=office.community.id, name="丁一", **sealed)
    office.session.add(made)
    office.session.flush()
    return made


def test_two_people_may_share_a_phone_but_never_an_id_number(office: Office) -> None:
    person(office, phone_sealed=b"a", phone_blind=b"p", id_number_sealed=b"b", id_number_blind=b"i")
    person(office, phone_sealed=b"a", phone_blind=b"p")
    twice = broken(office, lambda: person(office, id_number_sealed=b"c", id_number_blind=b"i"))
    assert twice == "uq_person_id_number"


def test_no_number_without_its_index_and_none_the_other_way(office: Office) -> None:
    assert broken(office, lambda: person(office, phone_sealed=b"a")) == "ck_person_phone_pair"
    assert broken(office, lambda: person(office, id_number_blind=b"i")) == (
        "ck_person_id_number_pair"
    )


def test_one_payer_of_a_room_a_day_and_nobody_in_one_role_twice(office: Office) -> None:
    room = office.room(owner=None)
    first, second = office.person("丁一"), office.person("杜安")
    office.lives(room, first, since=MAY, until=JUNE)
    assert broken(office, lambda: office.lives(room, second, since=MAY)) == "ex_occupancy_one_payer"
    again = broken(office, lambda: office.lives(room, first, since=MAY, pays=False))
    assert again == "ex_occupancy_once"
    office.lives(room, second, since=JUNE)
    office.lives(room, first, role=OccupancyRole.TENANT, since=MAY, pays=False)


def test_what_holds_occupancies_apart_answers_no_question(office: Office) -> None:
    """All of that index is walked for a person, which the database does not know."""
    for statement in (
        "DROP INDEX ix_occupancy_person_id_room_id",
        "SET LOCAL enable_seqscan = off",
    ):
        office.session.execute(text(statement))
    asked = text("EXPLAIN SELECT room_id FROM occupancy WHERE person_id = 1")
    assert "ex_occupancy_once" not in str(office.session.scalars(asked).all())


@pytest.mark.parametrize("share", ["0", "-0.5", "1.000001"])
def test_a_share_is_a_part_of_one(office: Office, share: str) -> None:
    room, owner = office.room(owner=None), office.person("丁一")
    wrong = Occupancy(
        room_id=room.id, person_id=owner.id, role=OccupancyRole.OWNER, from_on=MAY,
        share=Decimal(share),
    )  # fmt: skip
    assert broken(office, lambda: office.session.add(wrong)) == "ck_occupancy_share"


def test_one_community_building_and_room_of_a_name(office: Office) -> None:
    office.room("1-1-101")
    here, building = office.community.id, office.building("1").id
    rows = {
        "uq_community_name": Community(company_id=office.company.id, name="翠湖花园"),
        "uq_building_community_id_code": Building(community_id=here, code="1", name="1栋"),
        "uq_room_community_id_code": Room(
            community_id=here, building_id=building, door="101", code="1-1-101",
            kind=RoomKind.SHOP,
        ),
    }  # fmt: skip
    for name, row in rows.items():
        assert broken(office, lambda row=row: office.session.add(row)) == name


def test_a_room_has_one_area_a_day(office: Office) -> None:
    room = office.room("1-1-101", area="98.50", since=MAY)
    other = RoomArea(room_id=room.id, built_area=Decimal(99), from_on=JUNE)
    assert broken(office, lambda: office.session.add(other)) == "ex_room_area_one_at_a_time"


def test_a_room_is_vacant_once_a_day(office: Office) -> None:
    room, other = office.room("1-1-101", owner=None), office.room("1-1-102", owner=None)
    office.session.add_all(
        [
            RoomVacancy(room_id=room.id, from_on=MAY, to_on=JUNE),
            RoomVacancy(room_id=room.id, from_on=JUNE),
            RoomVacancy(room_id=other.id, from_on=MAY),
        ]
    )
    office.session.flush()
    again = RoomVacancy(room_id=room.id, from_on=MAY, to_on=date(2026, 5, 2))
    assert broken(office, lambda: office.session.add(again)) == "ex_room_vacancy_one_at_a_time"


def test_roles_are_told_apart_by_their_first_letter() -> None:
    assert len({role[0] for role in OccupancyRole}) == len(OccupancyRole)
    assert all(ord(role[0]) < 128 for role in OccupancyRole)


def test_neither_a_neighbour_nor_the_next_person_is_held_off(office: Office) -> None:
    """Numbers side by side: rooms, people, and another role of the person before."""
    rooms = [office.room(f"1-1-10{n}", owner=None, area="98.50", since=MAY) for n in range(3)]
    people = [office.person(name) for name in ("丁一", "杜安", "冯怡")]
    for room, one, role in product(rooms, people, OccupancyRole):
        office.lives(room, one, role=role, since=MAY, until=JUNE, pays=False)
        office.lives(room, one, role=role, since=JUNE, pays=False)
    assert office.session.scalar(select(func.count()).select_from(Occupancy)) == 54


KEYS = (1, 2, 2**53 - 2, 2**53 - 1)
DAYS = (
    "1900-01-01", "1999-12-31", "2000-01-01", "2000-01-02", "2026-05-01", "2026-05-02", "9999-12-31",
)  # fmt: skip
MEET = """
    WITH day AS (SELECT unnest(CAST(:days AS date[])) AS d),
         period AS (SELECT key, f.d AS from_on, t.d AS to_on
                      FROM unnest(CAST(:keys AS bigint[])) key, day f,
                           (SELECT d FROM day UNION ALL SELECT NULL) t
                     WHERE t.d IS NULL OR t.d > f.d),
         line AS (SELECT key, daterange(from_on, to_on) AS days, {line} AS line FROM period)
    SELECT count(*) FILTER (WHERE a.line && b.line) AS meet,
           count(*) FILTER (WHERE (a.line && b.line) <> (a.key = b.key AND a.days && b.days)) AS wrong
      FROM line a, line b"""


def test_lines_meet_exactly_where_days_do(office: Office) -> None:
    asked = text(MEET.format(line=days_at("key")))
    found = office.session.execute(asked, {"days": list(DAYS), "keys": list(KEYS)}).one()
    assert found.meet > 1_000
    assert found.wrong == 0
