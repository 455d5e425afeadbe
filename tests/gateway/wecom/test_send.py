"""Messages to colleagues, as they arrive at the other end."""

import pytest

from gateway.wecom.client import WeComApp
from gateway.wecom.errors import Refused, Retry, Scope, Sent
from gateway.wecom.faults import NotSendable
from gateway.wecom.messages import Text, TextCard
from gateway.wecom.send import outcome, recall, send_template_card, send_text, send_textcard
from tests.gateway.wecom.conftest import AGENT
from tests.gateway.wecom.fakeserver import DROP, FakeWeCom, error, ok

CARD = TextCard("待审批", "共 3 张<br>合计 ¥9.00", "https://wuye.example/act/x", "去审批")


def test_a_text_goes_out_with_the_duplicate_check_on(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", ok(msgid="m-1"))
    assert send_text(app, ["zhang", "Li.Si"], Text("你好")) == Sent("m-1")
    assert wecom.last("message/send").json == {
        "touser": "zhang|Li.Si",
        "agentid": AGENT,
        "msgtype": "text",
        "text": {"content": "你好"},
        "enable_duplicate_check": 1,
        "duplicate_check_interval": 14400,
    }
    assert wecom.last("message/send").headers["content-type"].startswith("application/json")


def test_a_card_carries_its_link_and_button(wecom: FakeWeCom, app: WeComApp) -> None:
    send_textcard(app, ["zhang"], CARD)
    assert wecom.last("message/send").json["textcard"] == {
        "title": "待审批",
        "description": "共 3 张<br>合计 ¥9.00",
        "url": "https://wuye.example/act/x",
        "btntxt": "去审批",
    }


def test_a_template_card_returns_its_response_code(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", ok(msgid="m", response_code="once"))
    card = {"card_type": "button_interaction", "task_id": "run-7-1"}
    assert send_template_card(app, ["zhang"], card).response_code == "once"
    with pytest.raises(ValueError, match="task_id"):
        send_template_card(app, ["zhang"], {"task_id": "有空格 "})


def test_partial_failure_names_receivers_as_we_know_them(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", ok(msgid="m", invaliduser="lisi|nobody", unlicenseduser="wang"))
    found = send_text(app, ["Zhang", "LiSi", "Wang"], Text("x"))
    assert (found.invalid, found.unlicensed) == (("LiSi",), ("Wang",))


@pytest.mark.parametrize("bad", ["@all", "a|b", "", "张三", "-x", "x" * 65, "a b"])
def test_a_receiver_cannot_be_widened(wecom: FakeWeCom, app: WeComApp, bad: str) -> None:
    with pytest.raises(NotSendable):
        send_text(app, ["zhang", bad], Text("x"))
    assert wecom.calls == []


def test_a_thousand_receivers_at_most(wecom: FakeWeCom, app: WeComApp) -> None:
    send_text(app, [f"u{n}" for n in range(1000)], Text("x"))
    for wrong in ([], [f"u{n}" for n in range(1001)]):
        with pytest.raises(ValueError, match="receivers"):
            send_text(app, wrong, Text("x"))


def test_a_retry_after_an_unknown_outcome_is_the_very_same_request(
    wecom: FakeWeCom, app: WeComApp
) -> None:
    wecom.answer("message/send", DROP, ok(msgid="m"))
    found = outcome(lambda: send_textcard(app, ["zhang"], CARD))
    assert isinstance(found, Retry)
    assert found.maybe_accepted
    assert outcome(lambda: send_textcard(app, ["zhang"], CARD), attempt=2) == Sent("m")
    first, second = [call.body for call in wecom.calls if call.path == "message/send"]
    assert first == second


def test_an_outcome_is_a_verdict_for_every_fault(wecom: FakeWeCom, app: WeComApp) -> None:
    wecom.answer("message/send", error(81013), error(60020, "from ip: 198.51.100.4, more"))
    letter = outcome(lambda: send_text(app, ["zhang"], Text("x")))
    channel = outcome(lambda: send_text(app, ["zhang"], Text("x")))
    assert isinstance(letter, Refused)
    assert isinstance(channel, Refused)
    assert (letter.scope, channel.scope) == (Scope.LETTER, Scope.APP)
    assert "198.51.100.4" in channel.reason


def test_a_message_is_recalled_by_its_id(wecom: FakeWeCom, app: WeComApp) -> None:
    recall(app, "m-1")
    assert wecom.last("message/recall").json == {"msgid": "m-1"}
