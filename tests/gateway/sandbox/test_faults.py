"""The fault script and the log of calls."""

import time
from typing import Any

import httpx
import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import AGENT_ID, APP_SECRET, CORP_ID, SandboxServer

SEND, MASS = "message/send", "externalcontact/add_msg_template"


@pytest.mark.parametrize("errcode", [-1, 45009, 40014, 60020, 81013])
def test_a_number_is_answered_and_nothing_delivered(
    sandbox: SandboxServer, app: Caller, errcode: int
) -> None:
    sandbox.faults({"path": SEND, "errcode": errcode, "times": 2})
    assert [app.send()["errcode"] for _ in range(3)] == [errcode, errcode, 0]
    assert len(sandbox.messages("lisi")) == 1
    assert sandbox.remaining_faults() == []


def test_faults_come_in_order_and_only_to_their_path(
    sandbox: SandboxServer, app: Caller, contact: Caller
) -> None:
    sandbox.faults(
        {"path": "/cgi-bin/" + SEND, "errcode": -1},
        {"path": MASS, "errcode": 45009, "errmsg": "slow down"},
        {"path": SEND, "errcode": 60020},
    )
    assert [app.send()["errcode"] for _ in range(3)] == [-1, 60020, 0]
    assert contact.mass("wm1")["errmsg"] == "slow down"


def test_a_fault_may_let_calls_pass_first(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.faults({"path": SEND, "errcode": -1, "skip": 2})
    assert [app.send()["errcode"] for _ in range(4)] == [0, 0, -1, 0]


def test_an_http_error(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.faults({"http_status": 502})
    reply = sandbox.http.post(app.base + SEND, params={"access_token": app.token}, json={})
    assert reply.status_code == 502


def test_some_receivers_become_invalid(
    sandbox: SandboxServer, app: Caller, contact: Caller
) -> None:
    sandbox.faults(
        {"path": SEND, "partial_invalid": ["ZhaoLiu"]}, {"path": MASS, "partial_invalid": ["wm2"]}
    )
    assert app.send("lisi|zhaoliu")["invaliduser"] == "zhaoliu"
    assert sandbox.messages("zhaoliu") == []
    assert contact.mass("wm1", "wm2")["fail_list"] == ["wm2"]
    assert sandbox.press("lisi")["sent"] == 1


def send_impatiently(app: Caller) -> None:
    body = {"touser": "lisi", "agentid": AGENT_ID, "msgtype": "text", "text": {"content": "在吗"}}
    with httpx.Client(trust_env=False, timeout=0.4) as client, pytest.raises(httpx.ReadTimeout):
        client.post(app.base + SEND, params={"access_token": app.token}, json=body)


def test_accepted_but_the_answer_is_lost(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.faults({"path": SEND, "accept_then_timeout": True})
    send_impatiently(app)
    assert len(sandbox.messages("lisi")) == 1
    [*_, call] = sandbox.calls()["last"]
    assert (call["fault"], call["errcode"]) == ("accept_then_timeout", 0)
    assert app.send()["errcode"] == 0


def test_slow_and_delivered_after_the_caller_left(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.faults({"path": SEND, "delay_seconds": 0.6})
    send_impatiently(app)
    assert sandbox.messages("lisi") == []
    deadline = time.monotonic() + 5
    while not sandbox.messages("lisi"):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_faults_can_be_taken_back(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.faults({"errcode": -1, "times": 9})
    assert app.send()["errcode"] == -1
    assert sandbox.remaining_faults() == [{"times": 8, "errcode": -1}]
    assert sandbox.control("DELETE", "faults") == {"remaining": []}
    assert app.send()["errcode"] == 0


@pytest.mark.parametrize("fault", [{"path": SEND}, {"errcode": -1, "time": 2}, {"times": 0}])
def test_a_misspelt_fault_is_refused(sandbox: SandboxServer, fault: dict[str, Any]) -> None:
    with pytest.raises(httpx.HTTPStatusError) as refused:
        sandbox.faults(fault)
    assert refused.value.response.status_code == 422
    assert sandbox.remaining_faults() == []


def test_the_log_counts_and_keeps_no_secret(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.control("DELETE", "calls")
    Caller(sandbox, APP_SECRET)
    app.send()
    app.send("ghost")
    log = sandbox.calls()
    assert log["counts"] == {"gettoken": 1, SEND: 2}
    assert log["errcodes"][SEND] == {"0": 1, "81013": 1}
    assert log["last"][0]["query"] == {"corpid": CORP_ID}
    assert log["last"][1]["body"]["touser"] == "lisi"
    assert APP_SECRET not in str(log)
    assert app.token not in str(log)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("clock", b'{"advance_seconds": 1000000000000000000}'),
        ("clock", b'{"offset_seconds": -1000000000000}'),
        ("clock", b'{"at": "9999-12-31T00:00:00Z"}'),
        ("clock", b'{"at": "0001-01-01T00:00:00"}'),
        ("faults", b'[{"errcode": -1, "errmsg": "\\ud800"}]'),
        ("faults", b'[{"errcode": -1, "delay_seconds": 1e400}]'),
        ("faults", b'[{"errcode": 100000000000000000000}]'),
        ("contacts", b'{"departments": [{"id": 100000000000000000000, "name": "a"}]}'),
        ("phones/lisi/messages/99999999999999999999/click", b'{"key": "x"}'),
    ],
)
def test_a_lever_pulled_too_far_breaks_nothing_for_those_after(
    sandbox: SandboxServer, path: str, wrong: bytes
) -> None:
    answer = sandbox.http.post(f"{sandbox.url}/_sandbox/{path}", content=wrong)
    assert answer.status_code in (409, 422)
    assert answer.json()["error"]
    assert sandbox.http.get(sandbox.url).status_code == 200
    assert sandbox.control("GET", "clock")["offset_seconds"] == 0
    assert sandbox.remaining_faults() == []
