"""message/send and message/recall."""

from typing import Any

import pytest

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import AGENT_ID, SandboxServer

CARD = {"title": "账单", "description": "十一月", "url": "http://127.0.0.1/b/1"}
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "账单"},
    "card_action": {"type": 1, "url": "http://127.0.0.1/b/1"},
}
BUTTONS = {
    "card_type": "button_interaction",
    "main_title": {"title": "漏水"},
    "button_list": [{"text": "接单", "key": "accept"}],
}


def test_a_text_lands_in_the_inbox_with_its_links(sandbox: SandboxServer, app: Caller) -> None:
    words = '看 http://127.0.0.1/a?b=1，或<a href="http://127.0.0.1/c">这里</a>'
    reply = app.send("LiSi", msgtype="text", text={"content": words})
    assert set(reply) == {"errcode", "errmsg", "msgid"}
    [message] = sandbox.messages("lisi")
    assert message["content"] == {"content": words}
    assert message["links"] == ["http://127.0.0.1/a?b=1", "http://127.0.0.1/c"]
    assert message["app"] == {"agent_id": AGENT_ID, "name": "物业助手"}
    assert sandbox.messages("zhaoliu") == []


def test_a_long_text_is_cut_without_a_word(sandbox: SandboxServer, app: Caller) -> None:
    assert app.send(msgtype="text", text={"content": "费" * 700})["errcode"] == 0
    assert sandbox.messages("lisi")[0]["content"]["content"] == "费" * 682


@pytest.mark.parametrize(
    ("kind", "content", "errcode"),
    [
        ("text", {"content": ""}, 44004),
        ("text", {"content": 5}, 40058),
        ("markdown", {"content": "费" * 683}, 45002),
        ("textcard", {**CARD, "title": "费" * 43}, 45002),
        ("textcard", {**CARD, "description": "费" * 171}, 45002),
        ("textcard", {**CARD, "url": "http://127.0.0.1/" + "x" * 2048}, 40058),
        ("textcard", {**CARD, "url": "127.0.0.1/b"}, 45034),
        ("textcard", {**CARD, "url": ""}, 40058),
        ("textcard", {**CARD, "title": ""}, 40058),
        ("news", {"articles": []}, 45008),
        ("news", {"articles": [CARD] * 9}, 45008),
        ("news", {"articles": [{"title": "x"}]}, 40058),
        ("image", {"media_id": "unknown"}, 40007),
        ("telepathy", {}, 40008),
        ("template_card", {**NOTICE, "card_type": "hologram"}, 42031),
        ("template_card", {**NOTICE, "main_title": {}}, 42033),
        ("template_card", {**NOTICE, "card_action": None}, 42045),
        ("template_card", {**NOTICE, "card_action": {"type": 1}}, 42028),
        ("template_card", {**NOTICE, "task_id": "空 格"}, 42014),
        ("template_card", {**NOTICE, "jump_list": [{}] * 4}, 42042),
        ("template_card", BUTTONS, 42014),
        ("template_card", {**BUTTONS, "task_id": "t", "button_list": []}, 42038),
        ("template_card", {**BUTTONS, "task_id": "t", "button_list": [{"text": "接"}]}, 42039),
    ],
)
def test_what_wecom_refuses(
    sandbox: SandboxServer, app: Caller, kind: str, content: dict[str, Any], errcode: int
) -> None:
    message: dict[str, Any] = {"msgtype": kind, kind: content}
    assert app.send(**message)["errcode"] == errcode
    assert sandbox.messages("lisi") == []


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("markdown", {"content": "**账单**"}),
        ("textcard", {**CARD, "title": "费" * 42, "description": "费" * 170}),
        ("news", {"articles": [CARD] * 8}),
        ("template_card", NOTICE),
        ("template_card", {**BUTTONS, "task_id": "accept-1"}),
    ],
)
def test_what_wecom_delivers(
    sandbox: SandboxServer, app: Caller, kind: str, content: dict[str, Any]
) -> None:
    message: dict[str, Any] = {"msgtype": kind, kind: content}
    assert app.send(**message)["errcode"] == 0
    assert [message["type"] for message in sandbox.messages("lisi")] == [kind]


def test_only_a_card_that_answers_has_a_response_code(app: Caller) -> None:
    asked = app.send(msgtype="template_card", template_card={**BUTTONS, "task_id": "ask-1"})
    told = app.send(msgtype="template_card", template_card={**NOTICE, "task_id": "tell-1"})
    assert asked["response_code"]
    assert "response_code" not in told


def test_a_task_id_serves_once(app: Caller) -> None:
    card = {**NOTICE, "task_id": "bill-7-1"}
    assert app.send(msgtype="template_card", template_card=card)["errcode"] == 0
    assert app.send(msgtype="template_card", template_card=card)["errcode"] == 42014


def test_unknown_members_are_named_in_lower_case(sandbox: SandboxServer, app: Caller) -> None:
    reply = app.send("lisi|Ghost|LISI|GHOST")
    assert (reply["errcode"], reply["invaliduser"]) == (0, "ghost")
    assert len(sandbox.messages("lisi")) == 1


def test_nobody_left_is_an_error(app: Caller) -> None:
    assert app.send("ghost")["errcode"] == 81013
    assert app.send("")["errcode"] == 82001
    assert app.send("|".join(f"u{n}" for n in range(1001)))["errcode"] == 40032


def test_a_leaver_is_unknown(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.seed(staff=[{"userid": "gone", "name": "离职", "active": False}])
    assert app.send("lisi|gone")["invaliduser"] == "gone"


def test_parties_and_tags_are_unknown(app: Caller) -> None:
    text = {"msgtype": "text", "text": {"content": "x"}}
    reply = app.send("lisi", toparty="7|8", totag="3", **text)
    assert (reply["invalidparty"], reply["invalidtag"]) == ("7|8", "3")


def test_everybody(sandbox: SandboxServer, app: Caller) -> None:
    assert app.send("@all")["errcode"] == 0
    assert len(sandbox.messages("lisi")) == len(sandbox.messages("zhaoliu")) == 1


def test_the_same_request_is_delivered_once_if_asked(sandbox: SandboxServer, app: Caller) -> None:
    message = {"msgtype": "text", "text": {"content": "一次"}, "enable_duplicate_check": 1}
    first, second = app.send("lisi", **message), app.send("lisi", **message)
    assert first == second
    assert len(sandbox.messages("lisi")) == 1
    sandbox.advance(1801)
    app.send("lisi", **message)
    assert len(sandbox.messages("lisi")) == 2


def test_over_thirty_a_minute_vanish(sandbox: SandboxServer, app: Caller) -> None:
    assert {app.send()["errcode"] for _ in range(32)} == {0}
    assert len(sandbox.messages("lisi")) == 30
    everything = sandbox.control("GET", "phones/lisi/messages?dropped=true")["messages"]
    assert [message["state"] for message in everything[-2:]] == ["dropped", "dropped"]
    sandbox.advance(61)
    app.send()
    assert len(sandbox.messages("lisi")) == 31


def test_recall(sandbox: SandboxServer, app: Caller) -> None:
    msgid = app.send()["msgid"]
    assert app.post("message/recall", {"msgid": "unknown"})["errcode"] == 40058
    assert app.post("message/recall", {"msgid": msgid})["errcode"] == 0
    [message] = sandbox.messages("lisi")
    assert (message["state"], message["content"]) == ("recalled", {})


def test_recall_ends_after_a_day(sandbox: SandboxServer, app: Caller) -> None:
    msgid = app.send()["msgid"]
    sandbox.control("POST", "clock", {"advance_seconds": 24 * 3600})
    fresh = Caller(sandbox, "app-secret-of-the-sandbox")
    assert fresh.post("message/recall", {"msgid": msgid})["errcode"] == 42052


def test_bad_json_is_said_in_wecoms_words(app: Caller) -> None:
    reply = app.post("message/send", content=b"{")
    assert reply["errcode"] == 40058
    assert "wrong json format" in reply["errmsg"]


@pytest.mark.parametrize(
    "wrong",
    [
        b'{"touser": "\\ud800", "msgtype": "text", "text": {"content": "x"}}',
        b'{"touser": "lisi", "msgtype": "text", "text": {"content": "\\ud800"}}',
        b'{"touser": "lisi", "agentid": 1e400}',
        b'{"touser": "lisi", "agentid": NaN}',
        b'{"touser": "lisi", "agentid": 99999999999999999999}',
        b"[" * 100_000,
    ],
)
def test_json_nobody_could_read_back_is_wrong_json(
    sandbox: SandboxServer, app: Caller, wrong: bytes
) -> None:
    reply = app.post("message/send", content=wrong)
    assert reply["errcode"] == 40058
    assert "wrong json format" in reply["errmsg"]
    assert sandbox.control("GET", "calls")["last"][-1]["errcode"] == 40058, "the log is readable"


def test_absurd_departments_are_unknown_and_too_many_are_refused(app: Caller) -> None:
    text = {"msgtype": "text", "text": {"content": "x"}}
    for absurd in ("9" * 19, "9" * 5_000, "-1", "1.5", "②"):
        reply = app.send("lisi", toparty=absurd, totag=absurd, **text)
        assert (reply["invalidparty"], reply["invalidtag"]) == (absurd, absurd)
    many = "|".join(str(number) for number in range(1, 102))
    assert app.send("lisi", toparty=many, **text)["errcode"] == 82002
    assert app.send("lisi", totag=many, **text)["errcode"] == 82003
