"""One sandbox process for all tests here, emptied before each; small callers with a token."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.gateway.sandbox.receiver import Receiver
from tests.support.sandbox import AGENT_ID, APP_SECRET, CONTACT_SECRET, CORP_ID, SandboxServer

CHROMIUM = Path("/usr/bin/chromium")


class Caller:
    """Calls the API as the holder of one secret."""

    def __init__(self, sandbox: SandboxServer, secret: str) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.url}/cgi-bin/"
        reply = sandbox.http.get(
            self.base + "gettoken", params={"corpid": CORP_ID, "corpsecret": secret}
        )
        self.token = reply.json()["access_token"]

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """GET; the reply's JSON."""
        params = {"access_token": self.token, **params}
        reply: dict[str, Any] = self.sandbox.http.get(self.base + path, params=params).json()
        return reply

    def post(self, path: str, body: Any = None, **kwargs: Any) -> dict[str, Any]:
        """POST; the reply's JSON."""
        params = {"access_token": self.token, **kwargs.pop("params", {})}
        answer = self.sandbox.http.post(self.base + path, params=params, json=body, **kwargs)
        reply: dict[str, Any] = answer.json()
        return reply

    def send(self, touser: str = "lisi", **message: Any) -> dict[str, Any]:
        """message/send; a text unless `message` says otherwise."""
        message = message or {"msgtype": "text", "text": {"content": "你好"}}
        return self.post("message/send", {"touser": touser, "agentid": AGENT_ID, **message})

    def mass(self, *who: str, text: str = "账单已出", **more: Any) -> dict[str, Any]:
        """externalcontact/add_msg_template to these customers."""
        body = {"chat_type": "single", "external_userid": list(who), "text": {"content": text}}
        return self.post("externalcontact/add_msg_template", {**body, **more})

    def results(self, msgid: str, userid: str = "lisi") -> dict[str, int]:
        """{customer: status} of a member's part of a mass message."""
        reply = self.post(
            "externalcontact/get_groupmsg_send_result", {"msgid": msgid, "userid": userid}
        )
        return {row["external_userid"]: row["status"] for row in reply["send_list"]}


@pytest.fixture(scope="package")
def running() -> Iterator[SandboxServer]:
    """The process."""
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxServer) -> SandboxServer:
    """OFFICE (and whom earlier tests added) on the first day."""
    running.reset()
    running.seed_office()
    return running


@pytest.fixture
def app(sandbox: SandboxServer) -> Caller:
    """Holds the app's secret."""
    return Caller(sandbox, APP_SECRET)


@pytest.fixture
def contact(sandbox: SandboxServer) -> Caller:
    """Holds the customer-contact secret."""
    return Caller(sandbox, CONTACT_SECRET)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A real one."""
    if not CHROMIUM.exists():
        pytest.skip("no /usr/bin/chromium on this machine: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A narrow window of somebody who has never been here."""
    window = browser.new_context(viewport={"width": 360, "height": 740})
    yield window.new_page()
    window.close()


@pytest.fixture
def receiver(sandbox: SandboxServer) -> Iterator[Receiver]:
    """The app's callback address, set up in the sandbox."""
    with Receiver() as listening:
        sandbox.control("POST", "callback", {"agent_id": AGENT_ID, **listening.callback()})
        yield listening
        sandbox.control("DELETE", "callback")
