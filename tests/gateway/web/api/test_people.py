"""People and rooms over the API: masked as the roles say, whole numbers for a reason on record."""

import pytest
from sqlalchemy import select

from domain.history.model import AuditEntry
from domain.session import transaction
from domain.staff.model import FieldAccess, PersonalField, Role, RoleField
from tests.gateway.web.api.conftest import refused
from tests.gateway.web.conftest import statements

PHONE = "13800001234"


@pytest.fixture
def su(scene):
    """苏霞 lives in 3-1-101; a colleague sees phones masked, another whole."""
    with scene() as office:
        room = office.room("3-1-101", owner=None)
        person = office.person("苏霞", phone=PHONE)
        office.lives(room, person)
        for login, level in (("masked", FieldAccess.MASKED), ("full", FieldAccess.FULL)):
            colleague = office.staff(login, login, ["people.see", "rooms.see"])
            role = office.session.scalars(select(Role).where(Role.code == f"role-{login}")).one()
            field = RoleField(role_id=role.id, field=PersonalField.PHONE, access=level)
            office.session.add(field)
            setattr(office, login, colleague)
        office.blind = office.staff("blind", "无号", ["people.see"])
    person.office, person.room = office, room
    return person


def test_a_phone_is_masked_or_not_there(su, program):
    masked = program(su.office.masked)
    assert masked.get(f"/people/{su.id}").json()["phone_masked"] == "138****1234"
    assert program(su.office.blind).get(f"/people/{su.id}").json()["phone_masked"] is None
    listed = masked.get("/people").json()["rows"]
    assert [(row["name"], row["rooms"]) for row in listed] == [("苏霞", "3-1-101")]
    assert PHONE not in masked.get("/people").text


def test_people_are_found_without_names_in_addresses(su, program):
    masked = program(su.office.masked)
    for words in ("苏霞", "3-1-101", "1234", PHONE):
        told = masked.post("/people-search", {"words": words}).json()
        assert [row["name"] for row in told["rows"]] == ["苏霞"], words
    assert masked.post("/people-search", {"words": "没有这个人"}).json()["count"] == 0


def test_a_whole_number_is_for_a_reason_and_on_record(su, program, engine):
    path, sent = f"/people/{su.id}/reveal", {"field": "phone", "reason": "电话打不通，核对号码"}
    refused(program(su.office.masked).post(path, sent), 403, "not_permitted")
    full = program(su.office.full)
    refused(full.post(path, {**sent, "reason": "看看"}), 422, "request_invalid")
    refused(full.post(path, {**sent, "reason": f"核对号码{PHONE}"}), 422, "request_invalid")
    refused(full.post(path, {**sent, "field": "id_number"}), 403, "not_permitted")
    assert full.post(path, sent).json() == {"field": "phone", "value": PHONE}
    with transaction(engine) as session:
        looks = select(AuditEntry).where(AuditEntry.action == "person.reveal")
        assert [one.detail["reason"] for one in session.scalars(looks)] == [sent["reason"]]


def test_a_room_shows_who_lives_there_to_who_may_see_people(su, program):
    told = program(su.office.masked).get(f"/rooms/{su.room.id}").json()
    assert [one["name"] for one in told["residents"]] == ["苏霞"]
    only_rooms = program(su.office.masked, "rooms.see")
    assert only_rooms.get(f"/rooms/{su.room.id}").json()["residents"] is None
    listed = only_rooms.get("/rooms", params={"room": "3-1"}).json()["rows"]
    assert [(row["code"], row["built_area"]) for row in listed] == [("3-1-101", "100.00")]


def test_a_list_takes_a_bounded_number_of_queries(su, program, engine):
    reader = program(su.office.manager)
    for path in ("/rooms", "/people", "/bills", "/payments", "/meters", "/fee-items", "/letters"):
        with statements(engine) as sent:
            assert reader.get(path).status_code == 200
        assert len(sent) <= 12, f"{path}: {len(sent)}"
