"""The app's menu: set up, shown, touched."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.gateway.sandbox.conftest import Caller
from tests.gateway.sandbox.receiver import Receiver
from tests.support.sandbox import AGENT_ID, SandboxServer

FEES = {"type": "view", "name": "收费", "url": "http://127.0.0.1:9/desk/fees"}
MENU = {
    "button": [
        FEES,
        {"type": "click", "name": "今日待办", "key": "todo"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "click", "name": "出账", "key": "bill-run"},
                {"type": "scancode_waitmsg", "name": "扫码抄表", "key": "scan"},
            ],
        },
    ]
}


@pytest.fixture
def menu(app: Caller) -> Iterator[Caller]:
    """The app with MENU set up."""
    assert app.post("menu/create", MENU, params={"agentid": AGENT_ID})["errcode"] == 0
    yield app
    app.get("menu/delete", agentid=AGENT_ID)


def test_the_menu_is_kept(menu: Caller) -> None:
    assert menu.get("menu/get", agentid=AGENT_ID)["button"] == MENU["button"]
    assert menu.get("menu/get", agentid=1)["errcode"] == 301002
    assert menu.get("menu/delete", agentid=AGENT_ID)["errcode"] == 0
    assert menu.get("menu/get", agentid=AGENT_ID)["errcode"] == 46003


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([], 40016),
        ([FEES] * 4, 40016),
        ([{"name": "更多", "sub_button": [FEES] * 6}], 40016),
        ([{"name": "更多", "sub_button": [{"name": "再", "sub_button": [FEES]}]}], 40016),
        ([{**FEES, "type": "teleport"}], 40017),
        ([{**FEES, "name": "很长很长的名字"}], 40018),
        ([{**FEES, "name": ""}], 40018),
        ([{"type": "click", "name": "无", "key": ""}], 40019),
        ([{**FEES, "url": "javascript:alert(1)"}], 40020),
        ([{**FEES, "url": "http://x/" + "x" * 1024}], 40020),
        (["x"], 40058),
    ],
)
def test_a_menu_that_wecom_refuses(app: Caller, buttons: Any, errcode: int) -> None:
    reply = app.post("menu/create", {"button": buttons}, params={"agentid": AGENT_ID})
    assert reply["errcode"] == errcode


def test_touching_it(sandbox: SandboxServer, menu: Caller, receiver: Receiver) -> None:
    for touch in ({"key": "bill-run"}, {"url": FEES["url"]}):
        outcome = sandbox.control("POST", "phones/lisi/menu", {"agent_id": AGENT_ID, **touch})
        assert outcome["delivery"]["state"] == "answered"
    told = [(each["Event"], each["EventKey"], each["FromUserName"]) for each in receiver.heard]
    assert told == [("click", "bill-run", "lisi"), ("view", FEES["url"], "lisi")]
    body = {"agent_id": AGENT_ID, "key": "nothing"}
    assert (
        sandbox.http.post(f"{sandbox.url}/_sandbox/phones/lisi/menu", json=body).status_code == 404
    )


def test_the_app_answers_with_words(
    sandbox: SandboxServer, menu: Caller, receiver: Receiver
) -> None:
    receiver.reply = lambda event: (
        f"<xml><MsgType>text</MsgType><Content>收到 {event['EventKey']}</Content></xml>"
    )
    sandbox.control("POST", "phones/lisi/menu", {"agent_id": AGENT_ID, "key": "todo"})
    assert sandbox.messages("lisi")[-1]["content"] == {"content": "收到 todo"}


def test_touching_it_with_a_finger(
    sandbox: SandboxServer, menu: Caller, receiver: Receiver, page: Page
) -> None:
    page.goto(f"{sandbox.url}/phone/lisi")
    page.get_by_role("button", name="今日待办").click()
    receiver.wait(1)
    page.get_by_text("更多").click()
    page.get_by_role("button", name="出账").click()
    assert [each["EventKey"] for each in receiver.wait(2)] == ["todo", "bill-run"]
    link = page.get_by_role("link", name="收费")
    expect(link).to_have_attribute("href", FEES["url"])
    link.click(modifiers=["ControlOrMeta"])
    assert receiver.wait(3)[2]["Event"] == "view"


def test_opening_the_phone_is_told_to_an_app_that_asked_for_it(
    sandbox: SandboxServer, receiver: Receiver, page: Page
) -> None:
    page.goto(f"{sandbox.url}/phone/lisi")
    wanted = {"agent_id": AGENT_ID, **receiver.callback(report_enter=True)}
    sandbox.control("POST", "callback", wanted)
    page.goto(f"{sandbox.url}/phone/lisi")
    [event] = receiver.wait(1)
    assert (event["Event"], event["FromUserName"]) == ("enter_agent", "lisi")
