"""A colleague comes to the desk by a one-time link."""

from datetime import timedelta

from sqlalchemy import func, select

from domain import clock
from domain.history.model import AuditEntry
from domain.session import transaction
from gateway.links import desk_link, owner_link
from gateway.web import sessions
from tests.gateway.web.conftest import path_of, words


def test_the_front_door_leads_to_the_desk_and_the_desk_asks_who_is_there(browser, engine):
    window = browser()
    assert window.get("/").headers["location"] == "/desk"
    for path in ("/desk", "/desk/counter", "/desk/counter/rooms/1", "/desk/runs", "/desk/letters"):
        answer = window.get(path)
        assert answer.status_code == 401
        assert "请先登录" in words(answer)


def test_looking_at_the_link_changes_nothing_and_pressing_the_button_enters(
    browser, scene, config, engine
):
    with scene() as office:
        cashier = office.staff("li", "李收银", ["payments.take"])
    path, window = path_of(desk_link(config, cashier.id, clock.now())), browser()
    for _ in range(3):
        assert "李收银，您好" in words(window.get(path))
    assert window.get("/desk").status_code == 401
    answer = window.post(path)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/desk"
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "李收银，您好" in words(window.get("/desk"))
    with transaction(engine) as session:
        entered = select(func.count()).where(AuditEntry.action == "desk.enter")
        assert session.scalar(entered) == 1


def test_a_link_is_good_for_one_use(browser, scene, config):
    with scene() as office:
        path = path_of(desk_link(config, office.manager.id, clock.now()))
    assert browser().post(path).status_code == 303
    thief = browser()
    for answer in (thief.post(path), thief.get(path)):
        assert answer.status_code == 410
        assert "已经用过了" in words(answer)
    assert thief.get("/desk").status_code == 401


def test_old_broken_and_foreign_links_do_not_enter(browser, scene, config):
    with scene() as office:
        manager, owner = office.manager, office.person("程静")
    window = browser()
    late = desk_link(config, manager.id, clock.now() - timedelta(minutes=10))
    assert window.post(path_of(late)).status_code == 410
    assert window.post("/desk/enter/nonsense").status_code == 403
    token = owner_link(config, person_id=owner.id, at=clock.now()).rpartition("/")[2]
    assert window.post(f"/desk/enter/{token}").status_code == 403
    cross = window.http.post(
        path_of(desk_link(config, manager.id, clock.now())),
        headers={"sec-fetch-site": "cross-site"},
    )
    assert cross.status_code == 403
    assert window.get("/desk").status_code == 401


def test_who_has_left_the_company_is_out_at_once(browser, scene, config, engine):
    with scene() as office:
        cashier = office.staff("li", "李收银", ["payments.take"])
    window = browser().sign_in(cashier)
    assert window.get("/desk").status_code == 200
    with transaction(engine) as session:
        session.merge(cashier).active = False
    answer = window.get("/desk")
    assert answer.status_code == 401
    assert "已经停用" in words(answer)
    link = path_of(desk_link(config, cashier.id, clock.now()))
    assert window.post(link).status_code == 404


def test_a_session_ends_after_twelve_hours_or_by_leaving(browser, scene, app, config, monkeypatch):
    with scene() as office:
        manager = office.manager
    window = browser().sign_in(manager)
    late = clock.now() + timedelta(hours=12)
    with monkeypatch.context() as patch:
        patch.setattr(sessions.clock, "now", lambda: late)
        assert "登录时间太久了" in words(window.get("/desk"))
    assert window.post("/desk/leave", form_key="guess").status_code == 403
    left = window.post("/desk/leave")
    assert "已退出" in words(left)
    assert 'href="/desk/login">重新登录' in left.text
    assert window.get("/desk").status_code == 401


def test_a_changed_cookie_is_nobody(browser, scene):
    with scene() as office:
        manager = office.manager
    window = browser().sign_in(manager)
    value = window.http.cookies[sessions.COOKIE]
    window.http.cookies.clear()
    window.http.cookies.set(sessions.COOKIE, value[:-4] + "AAAA", path="/")
    assert window.get("/desk").status_code == 401


def test_home_shows_what_this_colleague_may_do(browser, scene):
    with scene() as office:
        nobody = office.staff("new", "新同事", [])
        cashier = office.staff("li", "李收银", ["payments.take"])
        manager = office.manager
    assert "您还没有可以做的事" in words(browser().sign_in(nobody).get("/desk"))
    said = words(browser().sign_in(cashier).get("/desk"))
    assert "今天还没有收款，点这里开始" in said
    assert "条消息" not in said
    assert "所有消息都送到了" in words(browser().sign_in(manager).get("/desk"))


def test_who_has_to_sign_in_again_reads_why_and_finds_the_way(browser, scene, monkeypatch):
    with scene() as office:
        manager = office.manager
    window = browser().sign_in(manager)
    assert "请重新登录" not in words(window.get("/desk/login")), "nothing is over yet"
    late = clock.now() + timedelta(hours=3)
    with monkeypatch.context() as patch:
        patch.setattr(sessions.clock, "now", lambda: late)
        visit = window.http.get("/desk/bills?late=yes", headers={"accept": "text/html"})
        assert visit.headers["location"] == "/desk/login?next=/desk/bills%3Flate%3Dyes"
        assert "很久没有操作，请重新登录" in words(window.get(visit.headers["location"]))
        refused = window.post("/desk/bills/search", q="1")
    assert refused.status_code == 401
    assert 'href="/desk/login">去登录' in refused.text
    assert "请重新登录" not in words(browser().get("/desk/login")), "who was never here"
