"""Meters and letters over the API."""

from datetime import date

import pytest

from domain.letters.model import Letter, LetterStatus
from tests.gateway.web.api.conftest import refused


@pytest.fixture
def things(scene):
    with scene() as office:
        room = office.room("7-1-101")
        office.meter_of = office.meter(room, {date(2026, 10, 1): "100"})
        office.letter = Letter(
            community_id=office.community.id, staff_id=office.manager.id, kind="letters.dead",
            key="test", facts={}, status=LetterStatus.FAILED, queued_at=office.at,
            not_before=office.at,
        )  # fmt: skip
        office.session.add(office.letter)
        office.session.flush()
    return office


def test_a_dial_is_read_and_never_turns_back(things, program):
    reader = program(things.manager)
    path = f"/meters/{things.meter_of.id}/readings"
    told = reader.post(path, {"read_on": "2026-11-01", "value": "120.5"})
    assert (told.status_code, told.json()["value"]) == (201, "120.5000")
    refused(reader.post(path, {"read_on": "2026-11-02", "value": "90"}), 422, "reading_turns_back")
    refused(reader.post(path, {"read_on": "2199-01-01", "value": "130"}), 422, "reading_invalid")
    for wrong in ({"read_on": "2026-2-1"}, {"read_on": "2026-02-30"}, {"read_on": 20260201}):
        said = refused(reader.post(path, {"value": "1", **wrong}), 422, "request_invalid")
        assert said["errors"][0]["message"] == "日期要写成 2026-11-25 这样"
    refused(reader.post(path, {"read_on": "2026-11-03", "value": 1.5}), 422, "request_invalid")
    listed = reader.get("/meters", params={"room": "7-1"}).json()["rows"]
    assert [(row["value"], row["kind_name"]) for row in listed] == [("120.5000", "水表")]


def test_a_dead_letter_is_tried_again_once(things, program):
    clerk = program(things.manager, "letters.handle")
    listed = clerk.get("/letters", params={"status": "failed"}).json()["rows"]
    assert [(row["id"], row["waits"]) for row in listed] == [(things.letter.id, None)]
    again = f"/letters/{things.letter.id}/retry"
    tried = clerk.post(again).json()
    assert (tried["status_name"], tried["waits"]) == ("待发送", "排在待发里，马上就发")
    assert clerk.get("/letters").json()["rows"][0]["waits"] == tried["waits"]
    refused(clerk.post(again), 409, "not_allowed_now")
