"""Logging in: the two pages, the codes, and whose phone it is."""

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.gateway.sandbox.conftest import Caller
from tests.support.sandbox import AGENT_ID, CORP_ID, SandboxServer

BACK = "http://127.0.0.1:9/login/back?from=1"
IN_APP = {
    "appid": CORP_ID,
    "redirect_uri": BACK,
    "response_type": "code",
    "scope": "snsapi_base",
    "state": "abc123",
    "agentid": str(AGENT_ID),
}
SSO = {
    "login_type": "CorpApp",
    "appid": CORP_ID,
    "agentid": str(AGENT_ID),
    "redirect_uri": BACK,
    "state": "s1",
}


def in_app(sandbox: SandboxServer, **changes: str) -> str:
    return f"{sandbox.url}/connect/oauth2/authorize?{urlencode(IN_APP | changes)}"


def sso(sandbox: SandboxServer, **changes: str) -> str:
    return f"{sandbox.url}/wwlogin/sso/login?{urlencode(SSO | changes)}"


def answer(sandbox: SandboxServer, address: str, **form: str) -> dict[str, list[str]]:
    """Press a button on the page; what the app gets in its query."""
    reply = sandbox.http.post(address, data=form)
    assert reply.status_code == 302
    target = urlsplit(reply.headers["location"])
    assert f"{target.scheme}://{target.netloc}{target.path}" == BACK.partition("?")[0]
    return parse_qs(target.query)


def code(sandbox: SandboxServer, who: str, **changes: str) -> str:
    return answer(sandbox, in_app(sandbox, **changes), who=who)["code"][0]


def test_a_member_says_who_he_is(sandbox: SandboxServer, app: Caller) -> None:
    page = sandbox.http.get(in_app(sandbox)).text
    assert "您是谁" in page
    assert all(f'value="{who}"' in page for who in ("lisi", "zhaoliu", "wm1"))
    told = answer(sandbox, in_app(sandbox), who="lisi")
    assert (told["from"], told["state"]) == (["1"], ["abc123"])
    reply = app.get("auth/getuserinfo", code=told["code"][0])
    assert reply == {"errcode": 0, "errmsg": "ok", "userid": "lisi"}


def test_on_a_computer_only_members_are_asked(sandbox: SandboxServer, app: Caller) -> None:
    page = sandbox.http.get(sso(sandbox)).text
    assert 'value="lisi"' in page
    assert 'value="wm1"' not in page
    told = answer(sandbox, sso(sandbox), who="lisi")
    assert app.get("auth/getuserinfo", code=told["code"][0])["userid"] == "lisi"


def test_a_customer_is_not_a_member(sandbox: SandboxServer, app: Caller) -> None:
    first = app.get("auth/getuserinfo", code=code(sandbox, "wm1"))
    assert first["external_userid"] == "wm1"
    assert "userid" not in first
    sandbox.unfriend("wm1", by="staff")
    again = app.get("auth/getuserinfo", code=code(sandbox, "wm1"))
    assert again["openid"] == first["openid"]
    assert "external_userid" not in again


def test_the_old_path_spells_with_capitals(sandbox: SandboxServer, app: Caller) -> None:
    assert app.get("user/getuserinfo", code=code(sandbox, "lisi"))["UserId"] == "lisi"
    assert app.get("user/getuserinfo", code=code(sandbox, "wm1"))["OpenId"]


def test_refusing_sends_no_code(sandbox: SandboxServer) -> None:
    for address in (in_app(sandbox), sso(sandbox)):
        assert answer(sandbox, address, refuse="1").keys() == {"from", "state"}


def test_a_code_serves_once_and_for_five_minutes(sandbox: SandboxServer, app: Caller) -> None:
    used, old = code(sandbox, "lisi"), code(sandbox, "lisi")
    assert app.get("auth/getuserinfo", code=used)["errcode"] == 0
    sandbox.advance(301)
    verdicts = [app.get("auth/getuserinfo", code=each)["errcode"] for each in (used, old, "", "x")]
    assert verdicts == [40029] * 4


def test_a_code_is_for_the_app_that_asked(sandbox: SandboxServer, contact: Caller) -> None:
    other = {"agent_id": 77, "secret": "another-secret", "name": "另一个"}
    sandbox.seed(apps=[other])
    drawn = code(sandbox, "lisi")
    assert Caller(sandbox, "another-secret").get("auth/getuserinfo", code=drawn)["errcode"] == 40029
    assert contact.get("auth/getuserinfo", code=drawn)["errcode"] == 48002


def test_private_details(sandbox: SandboxServer, app: Caller) -> None:
    sandbox.seed(staff=[{"userid": "lisi", "name": "李四", "mobile": "13800000001"}])
    told = app.get("auth/getuserinfo", code=code(sandbox, "lisi", scope="snsapi_privateinfo"))
    detail = app.post("auth/getuserdetail", {"user_ticket": told["user_ticket"]})
    assert (detail["userid"], detail["mobile"]) == ("lisi", "13800000001")
    assert app.post("auth/getuserdetail", {"user_ticket": "x"})["errcode"] == 84015
    sandbox.advance(told["expires_in"])
    again = app.post("auth/getuserdetail", {"user_ticket": told["user_ticket"]})
    assert again["errcode"] == 84014


@pytest.mark.parametrize(
    "wrong",
    [
        {"appid": "wwother"},
        {"redirect_uri": "/login"},
        {"redirect_uri": "javascript:alert(1)"},
        {"scope": "everything"},
        {"response_type": "token"},
        {"state": "a-b"},
        {"state": "a" * 129},
        {"agentid": "99"},
        {"agentid": "", "scope": "snsapi_privateinfo"},
    ],
)
def test_a_wish_that_is_not_well_formed(sandbox: SandboxServer, wrong: dict[str, str]) -> None:
    for reply in (
        sandbox.http.get(in_app(sandbox, **wrong)),
        sandbox.http.post(in_app(sandbox, **wrong), data={"who": "lisi"}),
    ):
        assert reply.status_code == 409
        assert "错误" in reply.text


def test_the_trusted_domain(sandbox: SandboxServer) -> None:
    strict = {"agent_id": 78, "secret": "strict", "name": "严", "trusted_domain": "127.0.0.1:9"}
    sandbox.seed(apps=[strict])
    assert sandbox.http.get(in_app(sandbox, agentid="78")).status_code == 200
    elsewhere = in_app(sandbox, agentid="78", redirect_uri="http://127.0.0.1:10/")
    assert "50001" in sandbox.http.get(elsewhere).text


def test_who_has_left_does_not_get_in(sandbox: SandboxServer) -> None:
    sandbox.control("POST", "contacts", {"remove": {"staff": ["lisi"]}})
    assert 'value="lisi"' not in sandbox.http.get(in_app(sandbox)).text
    reply = sandbox.http.post(in_app(sandbox), data={"who": "lisi"})
    assert (reply.status_code, "不在这家企业" in reply.text) == (409, True)


def test_a_code_without_the_pages(sandbox: SandboxServer, app: Caller) -> None:
    drawn: Any = sandbox.control("POST", "login/code", {"who": "LISI", "agent_id": AGENT_ID})
    assert app.get("auth/getuserinfo", code=drawn["code"])["userid"] == "lisi"
    with pytest.raises(httpx.HTTPStatusError):
        sandbox.control("POST", "login/code", {"who": "nobody"})


def test_a_link_on_a_phone_is_opened_by_its_owner(
    sandbox: SandboxServer, app: Caller, page: Page
) -> None:
    back = f"{sandbox.url}/_sandbox/health"
    link = in_app(sandbox, redirect_uri=back)
    app.send(
        "lisi", msgtype="textcard", textcard={"title": "请登录", "description": "x", "url": link}
    )
    page.goto(link)
    expect(page.get_by_role("heading", name="您是谁？")).to_be_visible()
    page.goto(f"{sandbox.url}/phone/lisi")
    with page.expect_popup() as opened:
        page.get_by_text("请登录").click()
    opened.value.wait_for_url(f"{back}**")
    drawn = parse_qs(urlsplit(opened.value.url).query)["code"][0]
    assert app.get("auth/getuserinfo", code=drawn)["userid"] == "lisi"
    opened.value.close()
    page.goto(f"{link}&ask=1")
    expect(page.get_by_role("button", name="赵六")).to_be_visible()
