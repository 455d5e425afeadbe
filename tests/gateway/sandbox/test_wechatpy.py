"""wechatpy's own client works against the sandbox when only the base URL differs."""

import io
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from wechatpy.exceptions import APILimitedException, WeChatClientException
from wechatpy.work import WeChatClient, parse_message
from wechatpy.work.crypto import WeChatCrypto

from tests.gateway.sandbox.receiver import AES_KEY, TOKEN, Receiver
from tests.support.sandbox import AGENT_ID, APP_SECRET, CONTACT_SECRET, CORP_ID, SandboxServer


def client(sandbox: SandboxServer, secret: str) -> Any:
    base = f"{sandbox.url}/cgi-bin/"

    class Here(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = base

        def fetch_access_token(self) -> Any:
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(url=base + "gettoken", params=params)

    made = Here(CORP_ID, secret, timeout=5, auto_retry=False)
    made._http.trust_env = False
    return made


def test_messages_of_every_kind(sandbox: SandboxServer) -> None:
    work = client(sandbox, APP_SECRET)
    media_id = work.media.upload("file", ("账单.pdf", io.BytesIO(b"%PDF-1.7 ...")))["media_id"]
    article = {"title": "停水", "description": "明早", "url": "http://127.0.0.1/n", "image": ""}
    work.message.send_text(AGENT_ID, ["lisi", "zhaoliu"], "你好")
    work.message.send_markdown(AGENT_ID, "lisi", "**你好**")
    work.message.send_text_card(AGENT_ID, "lisi", "账单", "十一月", "http://127.0.0.1/b")
    work.message.send_articles(AGENT_ID, "lisi", [article])
    work.message.send_file(AGENT_ID, "lisi", media_id)
    types = [message["type"] for message in sandbox.messages("lisi")]
    assert types == ["text", "markdown", "textcard", "news", "file"]
    assert work.user.get("lisi")["name"] == "李四"


def test_a_mass_message_from_template_to_result(sandbox: SandboxServer) -> None:
    work = client(sandbox, CONTACT_SECRET)
    reply = work.external_contact.add_msg_template(
        {"chat_type": "single", "external_userid": ["wm1"], "text": {"content": "账单已出"}}
    )
    sandbox.press("lisi")
    body = {"msgid": reply["msgid"], "userid": "lisi"}
    result = work.post("externalcontact/get_groupmsg_send_result", data=body)
    assert [row["status"] for row in result["send_list"]] == [1]
    assert work.external_contact.get("wm1")["external_contact"]["name"] == "王一"


def test_errors_arrive_as_wechatpy_raises_them(sandbox: SandboxServer) -> None:
    work = client(sandbox, APP_SECRET)
    with pytest.raises(WeChatClientException) as refused:
        work.message.send_text(AGENT_ID, "ghost", "你好")
    assert refused.value.errcode == 81013
    sandbox.faults({"path": "message/send", "errcode": 45009})
    with pytest.raises(APILimitedException):
        work.message.send_text(AGENT_ID, "lisi", "你好")


def test_contacts(sandbox: SandboxServer) -> None:
    sandbox.seed(
        departments=[{"id": 30, "name": "财务部"}],
        staff=[{"userid": "qian", "name": "钱出纳", "departments": [30], "mobile": "13800000030"}],
        tags=[{"tagid": 31, "name": "出纳", "members": ["qian"]}],
    )
    work = client(sandbox, APP_SECRET)
    assert {"id": 30, "parentid": 1, "order": 100} in work.department.simple_list()
    assert work.department.get(30)["name"] == "财务部"
    assert 30 in [each["id"] for each in work.department.list()]
    assert [each["name"] for each in work.department.get_users(30)] == ["钱出纳"]
    assert work.user.list(30)[0]["main_department"] == 30
    assert work.user.getuserid("13800000030") == "qian"
    assert {"tagid": 31, "tagname": "出纳"} in work.tag.list()
    assert work.tag.get_users(31)["userlist"] == [{"userid": "qian", "name": "钱出纳"}]
    with pytest.raises(WeChatClientException) as refused:
        work.user.get("nobody")
    assert refused.value.errcode == 60111


def test_oauth(sandbox: SandboxServer) -> None:
    """The authorize address wechatpy builds is answered, and what comes back is redeemed."""
    work = client(sandbox, APP_SECRET)
    work.oauth.OAUTH_BASE_URL = f"{sandbox.url}/connect/oauth2/authorize"
    asked = work.oauth.authorize_url("http://127.0.0.1:9/back", "abc").removesuffix(
        "#wechat_redirect"
    )
    reply = sandbox.http.post(asked, data={"who": "lisi"})
    [code] = parse_qs(urlsplit(reply.headers["location"]).query)["code"]
    assert work.oauth.get_user_info(code)["UserId"] == "lisi"
    with pytest.raises(WeChatClientException) as refused:
        work.oauth.get_user_info(code)
    assert refused.value.errcode == 40029


def test_cards(sandbox: SandboxServer) -> None:
    work = client(sandbox, APP_SECRET)
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "审批"},
        "task_id": "wechatpy-1",
        "button_list": [{"text": "同意", "key": "yes"}],
    }
    message = {"msgtype": "template_card", "template_card": card}
    sent = work.message.send(AGENT_ID, ["lisi"], msg=message)
    change = {
        "agentid": AGENT_ID,
        "userids": ["lisi"],
        "response_code": sent["response_code"],
        "button": {"replace_name": "已同意"},
    }
    assert work.post("message/update_template_card", data=change)["invaliduser"] == []
    assert sandbox.messages("lisi")[-1]["card"]["replaced"] == "已同意"
    with pytest.raises(WeChatClientException) as refused:
        work.post("message/update_template_card", data=change)
    assert refused.value.errcode == 60140


def test_menus(sandbox: SandboxServer) -> None:
    work = client(sandbox, APP_SECRET)
    menu = {"button": [{"type": "click", "name": "待办", "key": "todo"}]}
    work.menu.update(AGENT_ID, menu)
    assert work.menu.get(AGENT_ID)["button"] == menu["button"]
    work.menu.delete(AGENT_ID)
    with pytest.raises(WeChatClientException) as refused:
        work.menu.get(AGENT_ID)
    assert refused.value.errcode == 46003


def test_events(sandbox: SandboxServer, receiver: Receiver) -> None:
    """What the sandbox posts, wechatpy's crypto and parser read."""
    click = {"Event": "click", "FromUserName": "lisi", "EventKey": "todo"}
    body = {"agent_id": AGENT_ID, "events": [click]}
    sandbox.control("POST", "callback/send", body)
    [(query, sealed)] = receiver.raw
    crypto = WeChatCrypto(TOKEN, AES_KEY, CORP_ID)
    proof = (query["msg_signature"], query["timestamp"], query["nonce"])
    event = parse_message(crypto.decrypt_message(sealed, *proof))
    assert (event.event, event.key, event.source, event.agent) == (
        "click", "todo", "lisi", AGENT_ID,
    )  # fmt: skip
