"""wechatpy's own client works against the sandbox when only the base URL differs."""

import io
from typing import Any

import pytest
from wechatpy.exceptions import APILimitedException, WeChatClientException
from wechatpy.work import WeChatClient

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
