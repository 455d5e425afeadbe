"""How far a list looks: past others' people, past what is kept in mind, back in time."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from domain.history import audit
from domain.letters import outbox
from domain.people import listing
from domain.staff.model import StaffRole
from tests.factories.office import Office
from tests.gateway.web.conftest import words


@pytest.fixture
def crowded(scene):
    """Three of one surname in another community, registered first; one of ours, and our clerk."""
    with scene() as office:
        office.other = Office(office.session, office.vault, at=office.at, community="外园小区")
        for name in ("李一", "李二", "李三"):
            office.other.room(f"1-1-{name}", owner=name)
        office.room("2-1-201", owner="李四")
        office.person("钱无房")
        office.other.person("孙无房")
        office.clerk = office.staff("xu", "徐客服", ["people.see", "payments.take"])
    return office


def test_a_name_is_looked_for_among_the_people_one_may_see(browser, crowded, monkeypatch):
    monkeypatch.setattr(listing, "WEIGHED", 1)
    window = browser().sign_in(crowded.clerk)
    window.get("/desk/people")
    said = words(window.follow(window.post("/desk/people/search", q="李")))
    assert "共 1 人" in said
    assert "李四" in said


def test_the_counter_looks_among_ones_own_households(browser, crowded):
    window = browser().sign_in(crowded.clerk)
    window.get("/desk/counter")
    answer = window.post("/desk/counter/search", q="李")
    assert re.fullmatch(r"/desk/counter/rooms/\d+", answer.headers["location"])
    assert "李四" in words(window.follow(answer))


@pytest.mark.parametrize("where", ["people", "counter", "bills", "letters"])
def test_a_name_is_found_by_its_end_though_others_begin_so(browser, scene, where):
    with scene() as office:
        for door, name in (("101", "华强"), ("102", "张建华")):
            bill = office.bill(office.room(f"1-1-{door}", owner=name), 1_000)
            outbox.put(
                office.session, "bill.issued", key=name, facts={}, at=office.at,
                person_id=bill.payer_id, community_id=office.community.id,
            )  # fmt: skip
    window = browser().sign_in(office.manager)
    window.get(f"/desk/{where}")
    said = words(window.follow(window.post(f"/desk/{where}/search", q="华")))
    assert "华强" in said
    assert "张建华" in said


def test_who_has_no_room_is_found(browser, crowded):
    said = words(browser().sign_in(crowded.clerk).get("/desk/people?role=none"))
    assert "共 1 人" in said
    assert "钱无房" in said


def test_acts_since_a_day_stand_by_their_time(browser, scene):
    with scene() as office:
        office.session.execute(update(StaffRole).values(community_id=None))  # sees everywhere
        for name, days in (("先生甲", 1), ("先生乙", 2), ("先生丙", 30)):  # written in this order
            audit.record(
                office.session, "person.create", subject="person",
                subject_id=office.person(name).id, by=office.by, at=office.at - timedelta(days),
            )  # fmt: skip
    said = words(browser().sign_in(office.manager).get("/desk/audit?when=week"))
    assert said.index("先生甲") < said.index("先生乙")
    assert "先生丙" not in said
