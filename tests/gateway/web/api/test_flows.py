"""Flows over the API: one start per key, kept while Prefect is away."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.gateway.web.api.conftest import refused

PATH = "/flows/bill-run/monthly/runs"
SENT = {"parameters": {"form": {"community": "翠湖花园", "month": "2026-11"}}}


@pytest.fixture
def start(boss):
    def send(key="run-2026-11-a", sent=SENT, path=PATH):
        return boss.post(path, sent, headers={"Idempotency-Key": key})

    return send


def test_the_same_key_starts_once_and_is_followed(start, boss, app):
    first = start()
    assert first.status_code == 202, first.text
    told = first.json()
    assert (told["name"], told["handed_over"], told["state"]) == ("出账", True, "SCHEDULED")
    assert start().json()["id"] == told["id"]
    runs = app.state.flow_server.runs
    assert len(runs) == 1
    app.state.flow_server.told(next(iter(runs)), "RUNNING")
    assert boss.get(f"/flow-starts/{told['id']}").json()["state"] == "RUNNING"


def test_two_at_once_start_once(start, app):
    gate = Barrier(2)

    def send(_number):
        gate.wait(30)
        return start().json()["id"]

    with ThreadPoolExecutor(2) as pool:
        assert len(set(pool.map(send, range(2)))) == 1
    assert len(app.state.flow_server.runs) == 1


def test_a_key_used_for_something_else_is_refused(start):
    assert start().status_code == 202
    other = {"parameters": {"form": {"community": "翠湖花园", "month": "2026-12"}}}
    refused(start(sent=other), 409, "request_key_reused")
    refused(start(path="/flows/ledger-check/nightly/runs", sent={}), 403, "not_permitted")


def test_while_prefect_is_away_nothing_is_lost_or_doubled(start, boss, app):
    app.state.flow_server.away = True
    refused(start(), 503, "flows_unreachable")  # nothing is known of its parameters: not started
    app.state.flow_server.away = False
    app.state.flow_server.picky = True
    told = start().json()
    assert (told["handed_over"], told["state"]) == (False, None)
    app.state.flow_server.picky = False
    again = start().json()
    assert (again["id"], again["handed_over"]) == (told["id"], True)
    assert len(app.state.flow_server.runs) == 1


@pytest.mark.parametrize(
    ("path", "sent", "status", "code"),
    [
        ("/flows/no-such/thing/runs", {}, 404, "not_found"),
        ("/flows/owner-import/on-demand/runs", {}, 409, "not_allowed_now"),
        (PATH, {"parameters": {"form": {"community": "没有的小区"}}}, 422, "invalid"),
        (PATH, {"parameters": {"form": {"colour": "red"}}}, 422, "invalid"),
        (PATH, {"parameters": {"form": {"\x00": 1, "潘超" * 99: None}}}, 422, "invalid"),
        (PATH, {"parameters": {"form": {"month": "x" * 600}}}, 422, "invalid"),
        (PATH, {"parameters": 3}, 422, "request_invalid"),
    ],
)
def test_what_cannot_be_started(start, app, path, sent, status, code):
    refused(start(path=path, sent=sent), status, code)
    assert app.state.flow_server.runs == {}


@pytest.mark.parametrize(
    "body",
    [
        b'{"parameters": {"form": {"\\ud800": 1}}}',
        b'{"parameters": {"form": {"month": "\\ud800"}}}',
        b'{"parameters": ' + b'{"a":' * 300 + b"1" + b"}" * 301,
        b'{"parameters": ' + b'{"a":' * 900 + b"1" + b"}" * 901,
        b'{"parameters": ' + b'{"a":' * 5_000 + b"1" + b"}" * 5_001,
    ],
)
def test_parameters_nobody_can_read(boss, app, body):
    headers = {"Content-Type": "application/json", "Idempotency-Key": "strange-0001"}
    answer = boss.ask("POST", PATH, content=body, headers=headers)
    assert answer.status_code in (400, 403, 422), answer.text
    refused(answer, answer.status_code, answer.json()["code"])
    assert app.state.flow_server.runs == {}
