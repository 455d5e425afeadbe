"""The phones as pages: in HTML, and once in a real browser."""

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import SandboxServer

BILL = "http://127.0.0.1:9/h5/bill/1"
PAGES = [
    "/", "/?q=王", "/phone/lisi", "/phone/lisi?tab=tasks", "/phone/lisi?tab=customers",
    "/contacts", "/callbacks",
]  # fmt: skip


def html(sandbox: SandboxServer, path: str) -> str:
    reply = sandbox.http.get(sandbox.url + path)
    assert reply.status_code == 200
    return reply.text


def submit(sandbox: SandboxServer, address: str, /, **form: str) -> httpx.Response:
    return sandbox.http.post(sandbox.url + address, data=form)


def test_every_page_stands_alone(sandbox: SandboxServer, app: Caller, contact: Caller) -> None:
    app.send()
    contact.mass("wm1", text=f"账单 {BILL}")
    sandbox.press("lisi")
    for path in [*PAGES, "/phone/wm1", "/static/sandbox.css", "/static/desk.css"]:
        hosts = set(
            re.findall(r"(?:src|href|url)\s*[=(]\s*[\"']?(https?://[^/\"')]+)", html(sandbox, path))
        )
        assert hosts <= {"http://127.0.0.1:9"}, path


def test_what_was_typed_is_shown_and_not_run(sandbox: SandboxServer, app: Caller) -> None:
    app.send(msgtype="text", text={"content": "<script>alert(1)</script>"})
    page = html(sandbox, "/phone/lisi")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_looking_marks_as_read(sandbox: SandboxServer, app: Caller) -> None:
    app.send()
    assert "1 条未读消息" in html(sandbox, "/")
    html(sandbox, "/phone/lisi")
    assert "1 条未读消息" not in html(sandbox, "/")


def test_many_owners_are_searched_and_paged(sandbox: SandboxServer) -> None:
    people = [
        {
            "external_userid": f"wmp{n}",
            "name": f"业主{n}",
            "followers": ["lisi"],
            "remark": f"9-{n}",
        }
        for n in range(500)
    ]
    sandbox.seed(customers=people)
    first = html(sandbox, "/")
    assert first.count('class="owner-row"') == 60
    assert "再显示 60 部" in first
    found = html(sandbox, "/?q=9-499")
    assert found.count('class="owner-row"') == 1
    assert "业主499" in found
    assert "没有找到“查无此人”" in html(sandbox, "/?q=查无此人")


def test_an_unknown_phone_is_said(sandbox: SandboxServer) -> None:
    reply = sandbox.http.get(sandbox.url + "/phone/nobody")
    assert reply.status_code == 404
    assert "没有找到这部手机" in reply.text


def test_the_panel(sandbox: SandboxServer, app: Caller) -> None:
    submit(sandbox, "/panel/clock", advance="3600")
    assert "比真实时间快 1 小时" in html(sandbox, "/")
    submit(sandbox, "/panel/clock", at="2030-05-01T08:00")
    assert "2030年5月1日" in html(sandbox, "/")
    submit(sandbox, "/panel/clock", reset="1")
    submit(sandbox, "/panel/faults", path="message/send", effect="busy", times="2")
    assert sandbox.remaining_faults() == [{"path": "message/send", "times": 2, "errcode": -1}]
    assert html(sandbox, "/").count("系统繁忙（-1）") == 2
    assert app.send()["errcode"] == -1
    submit(sandbox, "/panel/faults/clear")
    assert sandbox.remaining_faults() == []
    submit(sandbox, "/panel/limits", mass_per_day="3")
    assert sandbox.control("GET", "limits")["mass_per_day"] == 3


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/panel/clock", {"advance": "很久"}),
        ("/panel/clock", {"at": "明天"}),
        ("/panel/faults", {"path": "message/send", "effect": "地震"}),
        ("/panel/limits", {"mass_per_day": "很多"}),
        ("/phone/lisi/press", {"msgid": "unknown"}),
        ("/phone/wm1/unfriend", {"userid": "nobody"}),
        ("/phone/wm1/unfriend", {}),
    ],
)
def test_a_wrong_form_gets_a_sentence(
    sandbox: SandboxServer, path: str, form: dict[str, str]
) -> None:
    reply = submit(sandbox, path, **form)
    assert reply.status_code in (404, 409)
    assert "没有做任何改动" in reply.text


def test_from_the_press_to_the_owners_link(
    sandbox: SandboxServer, contact: Caller, page: Page
) -> None:
    contact.mass("wm1", text=f"王先生，账单已出 {BILL}")
    page.goto(sandbox.url)
    page.get_by_role("link", name="李四").click()
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.get_by_text("送达 1")).to_be_visible()
    page.goto(f"{sandbox.url}/phone/wm1")
    link = page.get_by_role("link", name=BILL)
    expect(link).to_have_attribute("href", BILL)
    expect(link).to_have_attribute("target", "_blank")


def test_a_message_appears_while_one_looks(sandbox: SandboxServer, app: Caller, page: Page) -> None:
    page.goto(f"{sandbox.url}/phone/lisi")
    expect(page.get_by_text("还没有消息")).to_be_visible()
    app.send(msgtype="text", text={"content": "刚刚到的"})
    expect(page.get_by_text("刚刚到的")).to_be_visible(timeout=5000)


def test_the_owner_deletes_and_adds_again(sandbox: SandboxServer, page: Page) -> None:
    page.goto(f"{sandbox.url}/phone/wm1")
    for button, words in (("删除好友", "从联系人中删除"), ("重新添加", "现在可以开始聊天了")):
        page.get_by_label("联系人").click()
        page.get_by_role("button", name=button).click()
        expect(page.get_by_text(words)).to_be_visible()


def test_nothing_hangs_over_a_narrow_screen(sandbox: SandboxServer, page: Page) -> None:
    for path in [*PAGES, "/phone/wm1"]:
        page.goto(sandbox.url + path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
