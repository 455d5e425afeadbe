"""What operators' tools read: requests, what waits, what failed; and never who."""

import io
import json
import logging

from prometheus_client.parser import text_string_to_metric_families as families
from sqlalchemy import create_engine

from domain.letters import outbox, pauses
from domain.letters.model import Channel, Letter, LetterStatus
from gateway.web.app import create_app
from gateway.web.logs import formatter
from tests.gateway.web.conftest import statements, words
from tests.support.asgi import Client


def samples(text: str) -> dict[tuple, float]:
    """(name, sorted labels) -> value."""
    return {
        (one.name, *sorted(one.labels.items())): one.value
        for family in families(text)
        for one in family.samples
    }


def test_metrics_count_requests_and_what_waits(browser, scene, engine):
    with scene() as office:
        manager = office.manager
        person = office.person("程静")
        pauses.pause(
            office.session, Channel.APP_MESSAGE, until=office.at, at=office.at, code=60020,
            reason="企业微信不信任本系统的地址",
        )  # fmt: skip
        outbox.put(
            office.session, "bill.issued", key="one", facts={}, person_id=person.id,
            community_id=office.community.id, at=office.at,
        )  # fmt: skip
        office.session.add(
            Letter(
                community_id=office.community.id, person_id=person.id, kind="bill.issued", key="two",
                facts={}, status=LetterStatus.FAILED, queued_at=office.at, not_before=office.at,
                failed_at=office.at,
            )
        )  # fmt: skip
    window = browser().sign_in(manager)
    window.get("/desk/counter/rooms/999999")
    with statements(engine) as sent:
        answer = window.get("/metrics")
    assert len(sent) <= 1
    found = samples(answer.text)
    assert found["wuye_letters_queued",] == 1
    assert found["wuye_letters_failed_lately",] == 1
    assert found["wuye_desk_sessions",] == 1
    assert found["wuye_channels_resting",] == 1
    assert found["wuye_database_up",] == 1
    route = ("method", "GET"), ("route", "/desk/counter/rooms/{room_id}"), ("status", "404")
    assert found["wuye_http_requests_total", *route] == 1
    assert "程静" not in answer.text
    assert "999999" not in answer.text


def test_a_dead_database_is_a_figure_not_an_error(config):
    dead = create_engine("postgresql+psycopg2://x@127.0.0.1:9/x?connect_timeout=1")
    answer = Client(create_app(config, engine=dead)).get("/metrics")
    assert answer.status_code == 200
    assert samples(answer.text)["wuye_database_up",] == 0


def test_a_strange_method_makes_no_new_series(browser):
    window = browser()
    for number in range(5):
        window.http.request(f"X{number}", "/desk")
    found = samples(window.get("/metrics").text)
    assert not any(("method", "X1") in labels for _, *labels in found)


def test_log_lines_are_json_with_the_id_the_person_sees(browser):
    """And with nothing anybody typed."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(formatter())
    log = logging.getLogger("wuye.web")
    log.addHandler(handler)
    before, level = log.level, log.setLevel(logging.INFO)
    try:
        answer = browser().get("/desk/counter/rooms/7?q=程静")
    finally:
        log.removeHandler(handler)
        log.setLevel(before)
    assert level is None
    line = json.loads(out.getvalue().splitlines()[-1])
    assert line["request_id"] == answer.headers["x-request-id"]
    assert line["request_id"] in words(answer)
    assert (line["route"], line["status"]) == ("/desk/counter/rooms/{room_id}", 401)
    assert line["at"].endswith("Z")
    assert "程静" not in out.getvalue()
