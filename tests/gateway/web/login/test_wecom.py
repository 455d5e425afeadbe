"""In by WeCom: one state, one browser, five minutes; WeCom says who it is."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from domain import clock
from domain.session import transaction
from domain.staff.model import Staff
from gateway.web.login import wecom
from tests.gateway.web.conftest import path_of, words


def sent_out(window, way: str = "wecom", **query):
    """Out to WeCom: the address a browser is sent to."""
    answer = window.http.get(f"/desk/login/{way}", params=query)
    assert answer.status_code == 303
    return answer.headers["location"]


def back_from(sandbox, address: str, who: str) -> str:
    """Say who one is on WeCom's page; where the browser goes next."""
    answer = sandbox.http.post(address.partition("#")[0], data={"who": who})
    assert answer.status_code == 302, answer.text
    return path_of(answer.headers["location"])


@pytest.mark.parametrize("way", ["wecom", "qr"])
def test_a_member_comes_in_and_lands_where_the_link_led(browser, sandbox, lisi, way):
    window = browser()
    out = sent_out(window, way, next="/desk/counter?x=1")
    answer = window.get(back_from(sandbox, out, "lisi"))
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk/counter?x=1"
    assert "李四" in words(window.get("/desk"))


def test_who_says_no_and_who_has_no_account_stay_outside(browser, sandbox, lisi, engine):
    window = browser()
    state = parse_qs(urlsplit(sent_out(window)).query)["state"][0]
    answer = window.get(f"/desk/login/back?state={state}")
    assert answer.status_code == 403
    assert "没有同意登录" in words(answer)
    answer = window.get(back_from(sandbox, sent_out(window), "zhaoliu"))
    assert answer.status_code == 403
    assert "还没有开通工作台" in words(answer)
    with transaction(engine) as session:
        session.get_one(Staff, lisi.id).active = False
    assert window.get(back_from(sandbox, sent_out(window), "lisi")).status_code == 403
    assert window.get("/desk").status_code == 401


def test_a_customer_is_never_a_colleague(browser, sandbox, lisi):
    window = browser()
    answer = window.get(back_from(sandbox, sent_out(window), "wm1"))
    assert answer.status_code == 403
    assert "还没有开通工作台" in words(answer)


def test_a_state_is_good_once_and_only_in_the_browser_that_began(browser, sandbox, lisi):
    window, thief = browser(), browser()
    address = back_from(sandbox, sent_out(window), "lisi")
    sent_out(thief)  # has a login of its own under way
    assert thief.get(address).status_code == 403  # somebody else's login is not put into it
    assert window.get(address).status_code == 303
    again = window.get(address)
    assert again.status_code == 403
    assert "重新登录" in words(again)
    assert window.get("/desk/login/back?code=x&state=").status_code == 403


def test_a_state_lives_five_minutes_and_a_code_is_used_up(browser, sandbox, lisi, monkeypatch):
    window = browser()
    address = back_from(sandbox, sent_out(window), "lisi")
    late = clock.now() + timedelta(minutes=5)
    with monkeypatch.context() as patch:
        patch.setattr(wecom.clock, "now", lambda: late)
        assert window.get(address).status_code == 403
    first = back_from(sandbox, sent_out(window), "lisi")
    assert window.get(first).status_code == 303
    code = parse_qs(urlsplit(first).query)["code"][0]
    state = parse_qs(urlsplit(sent_out(window)).query)["state"][0]
    assert window.get(f"/desk/login/back?code={code}&state={state}").status_code == 403


def test_signing_in_again_is_a_new_session_and_a_planted_one_stays_strange(browser, sandbox, lisi):
    """Session fixation: what a browser held before is never what it holds afterwards."""
    window = browser()
    window.http.cookies.set("wuye_desk", "planted", domain="testserver.local", path="/")
    window.get(back_from(sandbox, sent_out(window), "lisi"))
    first = window.http.cookies.get("wuye_desk")
    assert first != "planted"
    window.get(back_from(sandbox, sent_out(window), "lisi"))
    assert window.http.cookies.get("wuye_desk") != first
    stranger = browser()
    stranger.http.cookies.set("wuye_desk", "planted", path="/")
    assert stranger.get("/desk").status_code == 401


def test_wecom_away_is_said_and_lets_nobody_in(browser, sandbox, lisi):
    window = browser()
    address = back_from(sandbox, sent_out(window), "lisi")
    sandbox.control("POST", "faults", [{"path": "auth/getuserinfo", "errcode": -1}])
    answer = window.get(address)
    assert answer.status_code == 503
    assert "企业微信" in words(answer)
    assert window.get("/desk").status_code == 401


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/desk//evil", "javascript:x",
     "/desk/../x", "/other", "/desk/login/qr", "/desk\r\nX: y", "/desk" + "a" * 2000],
)  # fmt: skip
def test_a_login_never_sends_anybody_elsewhere(browser, sandbox, lisi, path):
    window = browser()
    answer = window.get(back_from(sandbox, sent_out(window, next=path), "lisi"))
    assert answer.headers["location"] == "/desk"


def test_wecoms_own_browser_goes_straight_on_and_a_page_without_login_asks_for_it(browser, sandbox):
    window = browser()
    inside = {"user-agent": "Mozilla/5.0 wxwork/4.1.30 MicroMessenger/7.0.1"}
    answer = window.http.get("/desk/login?next=/desk/runs", headers=inside)
    assert answer.headers["location"] == "/desk/login/wecom?next=/desk/runs"
    visit = window.http.get("/desk/runs?page=2", headers={"accept": "text/html"})
    assert visit.status_code == 303
    assert visit.headers["location"] == "/desk/login?next=/desk/runs%3Fpage%3D2"
