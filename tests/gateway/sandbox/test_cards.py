"""Cards that are touched: the event, the update, and what the phone shows."""

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.gateway.sandbox.conftest import Caller
from tests.gateway.sandbox.receiver import Receiver
from tests.support.sandbox import AGENT_ID, SandboxServer

ASK = {
    "card_type": "button_interaction",
    "main_title": {"title": "审批十一月账单"},
    "task_id": "run-7-1",
    "button_list": [
        {"text": "同意", "key": "approve", "style": 1},
        {"text": "驳回", "key": "reject", "style": 3},
        {"text": "看明细", "type": 1, "url": "http://127.0.0.1:9/run/7"},
    ],
}
OPTIONS = [{"id": "a", "text": "甲"}, {"id": "b", "text": "乙"}]
VOTE = {
    "card_type": "vote_interaction",
    "main_title": {"title": "选班次"},
    "task_id": "vote-1",
    "checkbox": {"question_key": "shift", "option_list": OPTIONS, "mode": 1},
    "submit_button": {"text": "提交", "key": "done"},
}
SELECTS = {
    "card_type": "multiple_interaction",
    "main_title": {"title": "派单"},
    "task_id": "many-1",
    "select_list": [
        {"question_key": "who", "title": "派给谁", "option_list": OPTIONS},
        {"question_key": "when", "title": "何时", "option_list": OPTIONS, "selected_id": "b"},
    ],
    "submit_button": {"text": "派单", "key": "go"},
}


def card(app: Caller, card: dict[str, Any], touser: str = "lisi") -> dict[str, Any]:
    reply = app.send(touser, msgtype="template_card", template_card=card)
    assert reply["errcode"] == 0, reply
    return reply


def click(sandbox: SandboxServer, key: str, who: str = "lisi", **selected: list[str]) -> Any:
    message = sandbox.messages(who)[-1]
    body = {"key": key, "selected": selected}
    return sandbox.control("POST", f"phones/{who}/messages/{message['id']}/click", body)


def update(app: Caller, code: str, **body: Any) -> dict[str, Any]:
    return app.post(
        "message/update_template_card", {"agentid": AGENT_ID, "response_code": code, **body}
    )


def state(sandbox: SandboxServer, who: str = "lisi") -> dict[str, Any]:
    found: dict[str, Any] = sandbox.messages(who)[-1]["card"]
    return found


def test_a_click_calls_back(sandbox: SandboxServer, app: Caller, receiver: Receiver) -> None:
    sent = card(app, ASK)
    first, second = click(sandbox, "approve"), click(sandbox, "approve")
    assert first["delivery"]["state"] == "answered"
    event = receiver.heard[0]
    named = ("Event", "FromUserName", "EventKey", "TaskId", "CardType", "AgentID")
    assert [event[key] for key in named] == [
        "template_card_event", "lisi", "approve", "run-7-1", "button_interaction", str(AGENT_ID),
    ]  # fmt: skip
    codes = {sent["response_code"], *(each["ResponseCode"] for each in receiver.heard)}
    assert codes == {sent["response_code"], first["response_code"], second["response_code"]}
    assert len(codes) == 3
    assert [each["words"] for each in state(sandbox)["clicks"]] == ["同意", "同意"]


def test_answers_travel_with_the_click(
    sandbox: SandboxServer, app: Caller, receiver: Receiver
) -> None:
    card(app, VOTE)
    click(sandbox, "done", shift=["a", "b", "unknown"])
    card(app, SELECTS)
    outcome = click(sandbox, "go", when=["a"])
    items = outcome["delivery"]["message"]["SelectedItems"]["SelectedItem"]
    assert items == [{"QuestionKey": "when", "OptionIds": {"OptionId": ["a"]}}]
    assert receiver.heard[0]["SelectedItems"] == "shiftab"
    assert receiver.heard[1]["CardType"] == "multiple_interaction"


def test_the_app_greys_the_buttons_of_whom_it_names(
    sandbox: SandboxServer, app: Caller, receiver: Receiver
) -> None:
    card(app, ASK, "lisi|zhaoliu")
    code = click(sandbox, "approve")["response_code"]
    reply = update(app, code, userids=["LiSi", "ghost"], button={"replace_name": "李四已同意"})
    assert (reply["errcode"], reply["invaliduser"]) == (0, ["ghost"])
    assert state(sandbox)["replaced"] == "李四已同意"
    assert state(sandbox, "zhaoliu")["replaced"] is None
    with pytest.raises(httpx.HTTPStatusError) as refused:
        click(sandbox, "approve")
    assert refused.value.response.status_code == 409
    again = click(sandbox, "reject", "zhaoliu")["response_code"]
    assert update(app, again, atall=1, button={"replace_name": "已处理"})["errcode"] == 0
    assert state(sandbox)["replaced"] == state(sandbox, "zhaoliu")["replaced"] == "已处理"


def test_a_whole_new_card(sandbox: SandboxServer, app: Caller) -> None:
    code = card(app, ASK)["response_code"]
    new = {**ASK, "main_title": {"title": "已由李四同意"}, "replace_text": "已同意"}
    del new["task_id"]
    assert update(app, code, userids=["lisi"], template_card=new)["errcode"] == 0
    message = sandbox.messages("lisi")[-1]
    assert message["content"]["main_title"]["title"] == "已由李四同意"
    assert message["card"]["replaced"] == "已同意"


def test_a_response_code_serves_once_for_three_days_and_for_its_app(
    sandbox: SandboxServer, app: Caller
) -> None:
    grey = {"atall": 1, "button": {"replace_name": "x"}}
    code = card(app, ASK)["response_code"]
    sandbox.seed(apps=[{"agent_id": 88, "secret": "s88", "name": "另一个"}])
    other = Caller(sandbox, "s88").post(
        "message/update_template_card", {"agentid": 88, "response_code": code, **grey}
    )
    assert other["errcode"] == 60140
    assert [update(app, code, **grey)["errcode"] for _ in range(2)] == [0, 60140]
    late = card(app, {**ASK, "task_id": "run-7-2"})["response_code"]
    sandbox.advance(72 * 3600)
    fresh = Caller(sandbox, "app-secret-of-the-sandbox")
    assert update(fresh, late, **grey)["errcode"] == 60140


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"userids": ["lisi"]}, 40058),
        ({"userids": ["lisi"], "button": {}}, 40058),
        ({"button": {"replace_name": "x"}}, 82001),
        ({"userids": "lisi", "button": {"replace_name": "x"}}, 40058),
        ({"userids": ["lisi"], "template_card": {"card_type": "x"}}, 42031),
    ],
)
def test_an_update_that_is_refused_does_not_use_the_code_up(
    sandbox: SandboxServer, app: Caller, body: dict[str, Any], errcode: int
) -> None:
    code = card(app, ASK)["response_code"]
    assert update(app, code, **body)["errcode"] == errcode
    assert update(app, code, atall=1, button={"replace_name": "x"})["errcode"] == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {**VOTE, "checkbox": None},
        {**VOTE, "checkbox": {"question_key": "q", "option_list": OPTIONS * 2}},
        {**VOTE, "submit_button": {"text": "提交"}},
        {**SELECTS, "select_list": []},
        {**SELECTS, "select_list": SELECTS["select_list"] * 2},
        {**ASK, "button_selection": {"question_key": "q"}},
        {**ASK, "action_menu": {"action_list": []}},
        {"card_type": "news_notice", "main_title": {"title": "x"}, "task_id": "n"},
    ],
)
def test_questions_that_wecom_refuses(app: Caller, wrong: dict[str, Any]) -> None:
    assert app.send(msgtype="template_card", template_card=wrong)["errcode"] != 0


def test_the_app_may_answer_the_click_itself(
    sandbox: SandboxServer, app: Caller, receiver: Receiver
) -> None:
    card(app, ASK)
    receiver.reply = lambda _event: (
        "<xml><MsgType>update_button</MsgType>"
        "<Button><ReplaceName><![CDATA[收到了]]></ReplaceName></Button></xml>"
    )
    assert click(sandbox, "approve")["delivery"]["reply"]["MsgType"] == "update_button"
    assert state(sandbox)["replaced"] == "收到了"


def test_or_with_another_card(sandbox: SandboxServer, app: Caller, receiver: Receiver) -> None:
    card(app, ASK)
    receiver.reply = lambda _event: (
        "<xml><MsgType>update_template_card</MsgType><TemplateCard>"
        "<CardType>text_notice</CardType><MainTitle><Title>办完了</Title></MainTitle>"
        "<HorizontalContentList><KeyName>谁</KeyName><Value>李四</Value></HorizontalContentList>"
        "<CardAction><Type>1</Type><Url>http://127.0.0.1:9/</Url></CardAction>"
        "</TemplateCard></xml>"
    )
    reply = click(sandbox, "approve")["delivery"]["reply"]
    assert "refused" not in reply, reply
    assert sandbox.messages("lisi")[-1]["content"]["main_title"] == {"title": "办完了"}


def test_without_a_callback_a_click_leads_nowhere(sandbox: SandboxServer, app: Caller) -> None:
    card(app, ASK)
    assert click(sandbox, "approve")["delivery"] is None
    assert "没有设置回调地址" in sandbox.http.get(f"{sandbox.url}/phone/lisi").text


@pytest.mark.parametrize("key", ["看明细", "", "nothing"])
def test_only_what_is_on_the_card_is_pressed(sandbox: SandboxServer, app: Caller, key: str) -> None:
    card(app, ASK)
    with pytest.raises(httpx.HTTPStatusError):
        click(sandbox, key)


def test_pressing_with_a_finger(
    sandbox: SandboxServer, app: Caller, receiver: Receiver, page: Page
) -> None:
    card(app, ASK)
    page.goto(f"{sandbox.url}/phone/lisi")
    page.get_by_role("button", name="同意").click()
    code = receiver.wait(1)[0]["ResponseCode"]
    update(app, code, atall=1, button={"replace_name": "李四已同意"})
    expect(page.get_by_text("李四已同意")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="驳回")).to_have_count(0)
    card(app, VOTE)
    page.goto(f"{sandbox.url}/phone/lisi")
    page.get_by_label("甲").check()
    page.get_by_role("button", name="提交").click()
    assert receiver.wait(2)[1]["SelectedItems"] == "shifta"
