"""gettoken and what a token may do."""

import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import AGENT_ID, APP_SECRET, CORP_ID, SandboxServer


def gettoken(sandbox: SandboxServer, **params: str) -> int:
    reply = sandbox.http.get(f"{sandbox.url}/cgi-bin/gettoken", params=params)
    assert reply.status_code == 200
    errcode: int = reply.json()["errcode"]
    return errcode


@pytest.mark.parametrize(
    ("params", "errcode"),
    [
        ({}, 41002),
        ({"corpid": CORP_ID}, 41004),
        ({"corpid": "wwother", "corpsecret": APP_SECRET}, 40013),
        ({"corpid": CORP_ID, "corpsecret": "wrong"}, 40001),
        ({"corpid": CORP_ID, "corpsecret": APP_SECRET}, 0),
    ],
)
def test_gettoken(sandbox: SandboxServer, params: dict[str, str], errcode: int) -> None:
    assert gettoken(sandbox, **params) == errcode


def test_one_token_per_secret_while_it_lives(
    sandbox: SandboxServer, app: Caller, contact: Caller
) -> None:
    assert Caller(sandbox, APP_SECRET).token == app.token != contact.token
    sandbox.advance(7140)  # its clock runs: a minute to spare on both sides
    assert app.send()["errcode"] == 0
    sandbox.advance(61)
    assert app.send()["errcode"] == 42001
    renewed = Caller(sandbox, APP_SECRET)
    assert renewed.token != app.token
    assert renewed.send()["errcode"] == 0


def test_a_token_is_asked_for_and_checked(sandbox: SandboxServer, app: Caller) -> None:
    url = f"{sandbox.url}/cgi-bin/message/send"
    assert sandbox.http.post(url, json={}).json()["errcode"] == 41001
    app.token = "made-up"
    assert app.send()["errcode"] == 40014


def test_a_revoked_token_dies_early(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.control("POST", "tokens/revoke")
    assert app.send()["errcode"] == 40014
    assert Caller(sandbox, APP_SECRET).send()["errcode"] == 0


def test_a_changed_secret_kills_its_tokens(sandbox: SandboxServer, app: Caller) -> None:
    named = {"agent_id": AGENT_ID, "name": "物业助手"}
    sandbox.seed(apps=[{**named, "secret": "another"}])
    assert app.send()["errcode"] == 40014
    sandbox.seed(apps=[{**named, "secret": APP_SECRET}])


def test_each_secret_has_its_own_doors(app: Caller, contact: Caller) -> None:
    assert contact.send()["errcode"] == 48002
    assert app.mass("wm1")["errcode"] == 48002


def test_an_app_on_the_list_may_call_customer_contact(sandbox: SandboxServer) -> None:
    sandbox.seed(
        apps=[{"agent_id": 7, "secret": "listed", "name": "客户应用", "customer_contact": True}]
    )
    assert Caller(sandbox, "listed").mass("wm1")["errcode"] == 0


@pytest.mark.parametrize(("agent_id", "errcode"), [(99, 301002), ("x", 40056), (None, 40056)])
def test_the_agent_must_be_the_tokens_own(app: Caller, agent_id: object, errcode: int) -> None:
    body = {"touser": "lisi", "msgtype": "text", "text": {"content": "x"}, "agentid": agent_id}
    assert app.post("message/send", body)["errcode"] == errcode
