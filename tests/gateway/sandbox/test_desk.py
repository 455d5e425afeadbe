"""The operator's pages: contacts and callbacks, pressed as forms and once with a finger."""

import pytest
from playwright.sync_api import Page, expect

from tests.gateway.sandbox.conftest import Caller
from tests.gateway.sandbox.receiver import AES_KEY, TOKEN, Receiver
from tests.support.sandbox import AGENT_ID, SandboxServer

TAG = {"tagid": 60, "name": "收费", "members": ["lisi"]}


def submit(sandbox: SandboxServer, address: str, **form: str) -> None:
    reply = sandbox.http.post(f"{sandbox.url}/panel/{address}", data=form)
    assert reply.status_code == 303, reply.text


def html(sandbox: SandboxServer, path: str) -> str:
    reply = sandbox.http.get(sandbox.url + path)
    assert reply.status_code == 200
    return reply.text


def test_joining_moving_and_leaving(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.seed(departments=[{"id": 61, "name": "秩序部"}])
    submit(sandbox, "contacts/join", userid="baoan", name="小保", position="保安", department="1")
    assert app.get("user/get", userid="baoan")["department"] == [1]
    submit(sandbox, "contacts/move", userid="baoan", department="61")
    assert app.get("user/get", userid="baoan")["department"] == [61]
    for verb, status in (("disable", 2), ("leave", 5), ("enable", 1)):
        submit(sandbox, "contacts/status", userid="baoan", do=verb)
        assert app.get("user/get", userid="baoan")["status"] == status
    submit(sandbox, "contacts/status", userid="baoan", do="remove")
    assert app.get("user/get", userid="baoan")["errcode"] == 60111
    assert "已删除的成员" in html(sandbox, "/contacts")


def test_giving_and_taking_a_tag(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.seed(tags=[TAG])
    submit(sandbox, "contacts/tag", tagid="60", userid="zhaoliu", do="give")
    submit(sandbox, "contacts/tag", tagid="60", userid="LISI", do="take")
    assert [one["userid"] for one in app.get("tag/get", tagid=60)["userlist"]] == ["zhaoliu"]


@pytest.mark.parametrize(
    ("address", "form"),
    [
        ("contacts/join", {"userid": "lisi", "name": "又一个", "department": "1"}),
        ("contacts/join", {"userid": "空 格", "name": "错", "department": "1"}),
        ("contacts/join", {"userid": "x", "name": "", "department": "1"}),
        ("contacts/join", {"userid": "x", "name": "错", "department": "很多"}),
        ("contacts/join", {"userid": "x", "name": "错", "department": "999"}),
        ("contacts/status", {"userid": "nobody", "do": "remove"}),
        ("contacts/status", {"userid": "lisi", "do": "promote"}),
        ("contacts/move", {"userid": "nobody", "department": "1"}),
        ("contacts/tag", {"tagid": "999", "userid": "lisi"}),
        ("callbacks/set", {"agent_id": str(AGENT_ID), "url": "ftp://x"}),
        ("callbacks/set", {"agent_id": "7", "url": "http://x"}),
        ("callbacks/verify", {"agent_id": str(AGENT_ID)}),
        ("callbacks/send", {"agent_id": str(AGENT_ID), "event": "party", "userid": "lisi"}),
    ],
)
def test_a_wrong_form_gets_a_sentence(
    sandbox: SandboxServer, address: str, form: dict[str, str]
) -> None:
    reply = sandbox.http.post(f"{sandbox.url}/panel/{address}", data=form)
    assert reply.status_code in (404, 409, 422)
    assert "没有做任何改动" in reply.text


def test_what_is_dropped_in_silence_is_visible_here(sandbox: SandboxServer, app: Caller) -> None:
    for _ in range(32):
        app.send("zhaoliu")
    assert "2 条被悄悄丢弃" in html(sandbox, "/")
    assert "2 条消息超过上限" in html(sandbox, "/phone/zhaoliu")


def test_setting_up_a_callback_and_playing_tricks(sandbox: SandboxServer, page: Page) -> None:
    with Receiver() as receiver:
        page.goto(f"{sandbox.url}/callbacks")
        card = page.get_by_role("region", name="物业助手")
        card.get_by_label("接收地址").fill(receiver.url)
        card.get_by_label("Token").fill(TOKEN)
        card.get_by_label("EncodingAESKey").fill(AES_KEY)
        card.get_by_role("button", name="保存").click()
        page.get_by_role("button", name="验证地址").click()
        expect(page.get_by_text("地址有效")).to_be_visible()
        page.get_by_label("花样").select_option(label="签名是伪造的")
        page.get_by_role("button", name="发送").click()
        log = page.get_by_role("region", name="回调记录")
        expect(log.get_by_text("被拒收")).to_be_visible(timeout=30_000)
        expect(log.get_by_text("signature_invalid")).to_be_visible()
        page.get_by_label("花样").select_option(label="照常发送")
        page.get_by_role("button", name="发送").click()
        assert receiver.wait(1)[0]["Event"] == "enter_agent"
        page.get_by_role("button", name="停用回调").click()
        expect(page.get_by_role("button", name="验证地址")).to_have_count(0)
