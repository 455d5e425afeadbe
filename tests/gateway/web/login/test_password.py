"""Account and password: issued, proved by a code the first time, refused with growing patience."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from domain import clock
from domain.access import passwords, strangers
from domain.access.model import LoginCode, StaffCredential, UnknownLogin
from domain.history.actor import Actor
from domain.session import transaction
from gateway.web.login import password as pages
from tests.gateway.web.conftest import words

OPERATOR = Actor.operator()
MINE = "correct horse battery"


@pytest.fixture
def initial(engine, lisi):
    """李四's initial password."""
    with transaction(engine) as session:
        person = session.merge(lisi)
        return passwords.issue(session, person, by=OPERATOR, at=clock.now())


@pytest.fixture
def owned(engine, initial, lisi):
    """A password 李四 has already made her own."""
    with transaction(engine) as session:
        row = passwords.of(session, lisi.id)
        passwords.change(session, row, MINE, by=OPERATOR, at=clock.now())
    return MINE


def try_in(window, password: str, login: str = "lisi", **form):
    window.get("/desk/login")
    return window.post("/desk/login/password", login=login, password=password, **form)


def code_on_phone(sandbox) -> str:
    said = str(sandbox.messages("lisi")[-1]["content"])
    return re.search(r"[0-9]{6}", said)[0]


def test_the_first_login_needs_the_code_from_wecom_and_a_new_password(
    browser, sandbox, initial, engine
):
    window = browser()
    answer = try_in(window, initial, next="/desk/counter")
    assert answer.headers["location"] == "/desk/login/code?next=/desk/counter"
    window.follow(answer)
    assert window.get("/desk").status_code == 401
    assert window.get("/desk/login/new-password").status_code == 403  # not before the code
    code = code_on_phone(sandbox)
    wrong = window.post("/desk/login/code", code=f"{(int(code) + 1) % 10**6:06d}")
    assert wrong.status_code == 403
    assert "还能试 4 次" in words(wrong)
    window.follow(
        window.post("/desk/login/code", code=f" {code[:3]} {code[3:]}", next="/desk/runs")
    )
    short = window.post("/desk/login/new-password", new="short", again="short")
    assert "10 到 128 个字符" in words(short)
    assert "不一样" in words(window.post("/desk/login/new-password", new=MINE, again="x"))
    same = window.post("/desk/login/new-password", new=initial, again=initial)
    assert "和现在的一样" in words(same)
    answer = window.post("/desk/login/new-password", new=MINE, again=MINE, next="/desk/counter")
    assert answer.headers["location"] == "/desk/counter"
    assert "李四" in words(window.get("/desk"))
    again = browser()
    assert try_in(again, MINE).headers["location"] == "/desk"
    assert try_in(browser(), initial).status_code == 403
    assert (
        window.post("/desk/login/new-password", new=MINE + "!", again=MINE + "!").status_code == 403
    )


def test_a_code_is_this_browsers_dies_with_time_and_after_five_wrong_ones(
    browser, sandbox, initial, engine, monkeypatch
):
    window, other = browser(), browser()
    try_in(window, initial)
    code = code_on_phone(sandbox)
    other.get("/desk/login")
    assert other.post("/desk/login/code", code=code).status_code == 403
    window.get("/desk/login/code")
    late = clock.now() + timedelta(minutes=5)
    with monkeypatch.context() as patch:
        patch.setattr(pages.clock, "now", lambda: late)
        assert "已过期" in words(window.post("/desk/login/code", code=code))
    for left in (4, 3, 2, 1, 0):
        said = words(window.post("/desk/login/code", code="0000000"))
        assert (f"还能试 {left} 次" if left else "太多次") in said
    assert "太多次" in words(window.post("/desk/login/code", code=code))


def test_codes_are_not_sent_twice_in_a_minute(browser, sandbox, initial):
    assert try_in(browser(), initial).status_code == 303
    answer = try_in(browser(), initial)
    assert answer.status_code == 409
    assert "一分钟后再试" in words(answer)
    assert len(sandbox.messages("lisi")) == 1


def test_the_code_is_kept_nowhere(browser, sandbox, initial, engine):
    try_in(browser(), initial)
    code = code_on_phone(sandbox)
    with transaction(engine) as session:
        row = session.query(LoginCode).one()
        assert code.encode() not in row.code_hash + row.ticket_hash


def test_wecom_away_means_no_code_and_says_so(browser, sandbox, initial):
    sandbox.control("POST", "faults", [{"path": "message/send", "errcode": 60020, "times": 9}])
    answer = try_in(browser(), initial)
    assert answer.status_code == 503
    assert "验证码没有发出去" in words(answer)


def test_wrong_passwords_meet_growing_patience(browser, sandbox, owned, engine, monkeypatch):
    window, at = browser(), clock.now()
    for _ in range(4):
        answer = try_in(window, "wrong")
        assert answer.status_code == 403
        assert "账号或密码不对" in words(answer)
    answer = try_in(window, "wrong")
    assert answer.status_code == 429
    assert "密码错了 5 次，请 1 分钟后再试" in words(answer)
    assert try_in(window, owned).status_code == 429  # even the right one waits
    with monkeypatch.context() as patch:
        patch.setattr(pages.clock, "now", lambda: at + timedelta(minutes=2))
        assert "密码错了 6 次，请 2 分钟后再试" in words(try_in(window, "wrong"))
    with monkeypatch.context() as patch:
        patch.setattr(pages.clock, "now", lambda: at + timedelta(minutes=10))
        assert try_in(window, owned).status_code == 303
    with transaction(engine) as session:
        assert session.query(StaffCredential).one().failures == 0


def test_guessing_side_by_side_gains_nothing(app, config, browser, owned, engine):
    def guess(number: int) -> int:
        return try_in(browser(), f"wrong {number}").status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(guess, range(12)))
    assert codes.count(403) == 4
    assert codes.count(429) == 8


def test_an_unknown_account_is_refused_exactly_as_a_known_one(
    browser, sandbox, owned, engine, monkeypatch
):
    """In the words, and in the patience: neither tells which accounts there are."""
    at = clock.now()
    for minutes in (0, 0, 0, 0, 0, 0, 2, 2, 60):
        monkeypatch.setattr(pages.clock, "now", lambda late=minutes: at + timedelta(minutes=late))
        known, unknown = (try_in(browser(), "wrong", login=one) for one in ("lisi", "nobody"))
        assert unknown.status_code == known.status_code
        assert words(unknown).replace("nobody", "lisi") == words(known)
    with transaction(engine) as session:
        assert session.get_one(UnknownLogin, strangers.mark("nobody")).failures == 7
    assert try_in(browser(), "wrong", login="somebody").status_code == 403, "a count of each name"


def test_names_nobody_has_are_kept_as_marks_and_forgotten(engine, lisi):
    at = clock.now()
    with transaction(engine) as session:
        strangers.tries_at(session, "张三的电话 13800000000", at=at)
        strangers.tries_at(session, "nobody", at=at + timedelta(days=91))
        (row,) = session.query(UnknownLogin).all()
    assert row.mark == strangers.mark("nobody") < 2**24


def test_a_login_form_from_elsewhere_is_refused(browser, owned):
    """Login CSRF: nobody is put into somebody else's account."""
    window = browser()
    window.get("/desk/login")
    answer = window.http.post(
        "/desk/login/password", data={"login": "lisi", "password": owned, "form_key": "guess"}
    )
    assert answer.status_code == 403
    assert window.get("/desk").status_code == 401


def test_what_was_typed_stays_but_never_the_password(browser, owned):
    answer = try_in(browser(), "wrong-secret", login='<b>"lisi')
    assert "&lt;b&gt;&#34;lisi" in answer.text
    assert "wrong-secret" not in answer.text


def test_an_administrator_issues_a_password_and_the_old_sign_ins_end(browser, sandbox, owned, lisi):
    hers = browser()
    assert try_in(hers, owned).status_code == 303
    path = f"/desk/staff/{lisi.id}/password"
    assert browser().sign_in(lisi.clerk).post(path).status_code == 403
    window = browser().sign_in(lisi.admin)
    assert "重新发放" in words(window.get(path))
    answer = window.post(path)
    initial = re.search(r"data-initial>([^<]+)<", answer.text)[1]
    assert hers.get("/desk").status_code == 401
    assert try_in(browser(), owned).status_code == 403
    assert try_in(browser(), initial).headers["location"].startswith("/desk/login/code")


def test_my_own_page_changes_the_password_and_ends_other_browsers(browser, owned, sandbox, lisi):
    here, there = browser(), browser()
    try_in(here, owned)
    try_in(there, owned)
    assert "我登录的设备" in words(here.get("/desk/me"))
    new = "another horse battery"
    bad = here.post("/desk/me/password", old="wrong", new=new, again=new)
    assert "现在的密码不对" in words(bad)
    assert here.post("/desk/me/password", old=owned, new=new, again=new).status_code == 303
    assert "密码已经改好" in words(here.get("/desk/me?done=password"))
    assert there.get("/desk").status_code == 401
    assert here.get("/desk").status_code == 200


def test_a_desk_left_open_gives_no_more_tries_than_the_login(browser, owned, sandbox, lisi, engine):
    here = browser()
    try_in(here, owned)
    here.get("/desk/me")
    new = {"new": "another horse battery", "again": "another horse battery"}
    for _ in range(4):
        assert "现在的密码不对" in words(here.post("/desk/me/password", old="wrong", **new))
    answer = here.post("/desk/me/password", old="wrong", **new)
    assert answer.status_code == 429
    assert "密码错了 5 次，请 1 分钟后再试" in words(answer)
    assert here.post("/desk/me/password", old=owned, **new).status_code == 429
    assert try_in(browser(), owned).status_code == 429, "one count for both doors"
    with transaction(engine) as session:
        assert session.query(StaffCredential).one().failures == 5


def test_a_code_typed_with_a_chinese_keyboard_is_the_code(browser, sandbox, initial):
    window = browser()
    try_in(window, initial)
    window.get("/desk/login/code")
    wide = "".join(chr(ord(sign) + 0xFEE0) for sign in code_on_phone(sandbox))
    assert window.post("/desk/login/code", code=wide).status_code == 303
