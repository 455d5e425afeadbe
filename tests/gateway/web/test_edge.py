"""What every answer carries, and what happens when something breaks."""

import logging
import threading

import pytest
from sqlalchemy import create_engine, text

from domain import clock
from domain.people.model import Person
from gateway.links import desk_link
from gateway.settings import Settings
from gateway.web import health, metrics, patience
from gateway.web.app import DatabaseMissing, create_app
from tests.gateway.web import demo
from tests.gateway.web.conftest import Browser, words


def test_alive_and_ready(browser):
    window = browser()
    for path in ("/healthz", "/health", "/readyz"):
        assert (window.get(path).status_code, window.get(path).text) == (200, "ok")


def test_without_a_database_it_lives_but_is_not_ready(config):
    nowhere = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    window = Browser(create_app(config, engine=nowhere), config)
    assert window.get("/healthz").status_code == 200
    answer = window.get("/readyz")
    assert answer.status_code == 503
    assert "数据库连不上" in answer.text
    nowhere.dispose()


def test_a_database_that_hangs_is_not_ready_and_takes_no_threads(app, browser, monkeypatch):
    """Probe after probe hears so, however many came; when it is back it is ready again."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)
    back, asked = threading.Event(), []

    def hanging(_engine):
        asked.append(1)
        back.wait(30)
        return True

    monkeypatch.setattr(health, "answers", hanging)
    window = browser()
    assert [window.get("/readyz").status_code for _ in range(50)] == [503] * 50
    assert (len(asked), window.get("/healthz").status_code) == (1, 200)
    back.set()
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 30)
    assert window.get("/readyz").status_code == 200


def test_figures_a_hanging_database_keeps_are_left_out(app, browser, monkeypatch):
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.05)
    back = threading.Event()
    monkeypatch.setattr(metrics, "_figures", lambda _request: back.wait(30))
    told = browser().get("/metrics").text
    back.set()
    assert "wuye_database_up 0.0" in told
    assert "wuye_letters_queued" not in told


def test_without_settings_it_says_what_is_missing(config):
    with pytest.raises(DatabaseMissing, match="WUYE_DATABASE_URL"):
        create_app(Settings(_env_file=None, database_url=None))


def test_every_answer_is_dressed_for_the_street(browser):
    window = browser()
    for path in ("/", "/desk", "/h5/b/x", "/nothing", "/healthz", "/static/wuye.css"):
        headers = window.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert len(headers["x-request-id"]) == 10
        assert "strict-transport-security" not in headers


def test_over_https_cookies_and_headers_insist_on_it(config, engine):
    secure = config.model_copy(update={"base_url": "https://wuye.test"})
    window = Browser(create_app(secure, engine=engine), secure)
    assert "max-age" in window.get("/healthz").headers["strict-transport-security"]


def test_pages_hold_no_inline_script_or_style(browser, scene, owner_path):
    with scene() as office:
        bill = demo.household(office)
        owner = office.session.get_one(Person, bill.payer_id)
        manager = office.manager
    window = browser().sign_in(manager)
    paths = ["/desk", "/desk/counter", f"/desk/bills/{bill.no}", owner_path(owner)]
    for path in [*paths, f"/desk/counter/rooms/{bill.room_id}", "/desk/runs", "/desk/letters"]:
        page = window.get(path)
        assert page.status_code == 200
        assert " style=" not in page.text
        assert " onclick=" not in page.text
        assert page.text.count("<script") == page.text.count("<script src=") == 1
        assert 'lang="zh-CN"' in page.text


def test_static_files_may_be_kept_because_their_address_follows_their_content(browser):
    window = browser()
    address = window.get("/nothing").text.split('stylesheet" href="')[1].split('"')[0]
    kept = window.get(address)
    assert kept.status_code == 200
    assert "immutable" in kept.headers["cache-control"]
    assert window.get("/static/../app.py").status_code == 404


@pytest.mark.parametrize(
    "path", ["/nothing", "/h5", "/h5/b/", "/desk/none", "/docs", "/openapi.json"]
)
def test_unknown_addresses_are_a_page_in_chinese(browser, path):
    answer = browser().get(path)
    assert answer.status_code == 404
    assert "没有这个页面" in words(answer)
    assert "detail" not in answer.text


def test_a_wrong_method_is_a_page_too(browser):
    answer = browser().http.post("/desk/counter")
    assert answer.status_code == 405
    assert "不能这样打开" in words(answer)


TELLING = "潘超 13800138000"


@pytest.fixture
def broken(app, config):
    """An application with a page that breaks in a telling way."""

    @app.get("/desk/broken")
    def breaks():
        raise ValueError(TELLING)

    @app.get("/desk/statement")
    def refuses(phone: str):
        with app.state.engine.connect() as connection:
            connection.execute(text("SELECT :phone::int"), {"phone": phone})

    return Browser(app, config)


def test_a_crash_is_a_page_with_a_number_and_a_trace_without_people(broken, caplog):
    with caplog.at_level(logging.INFO, logger="wuye.web"):
        answer = broken.get("/desk/broken")
    said = words(answer)
    assert answer.status_code == 500
    assert "系统出错了" in said
    assert answer.headers["x-request-id"] in said
    assert "ValueError" not in said
    assert "潘超" not in said
    assert "ValueError" in caplog.text
    assert "test_edge.py" in caplog.text
    assert answer.headers["x-request-id"] in caplog.text
    assert "潘超" not in caplog.text
    assert "13800138000" not in caplog.text


def test_a_refused_statement_does_not_log_its_values(broken, caplog):
    with caplog.at_level(logging.INFO, logger="wuye.web"):
        assert broken.get("/desk/statement?phone=x13800138000").status_code == 500
    assert "13800138000" not in caplog.text
    assert "sqlalchemy" in caplog.text


def test_a_lost_database_says_that_nothing_was_taken(config, scene):
    with scene() as office:
        manager = office.manager
    nowhere = create_engine("postgresql+psycopg2://nobody@127.0.0.1:1/none")
    app = create_app(config, engine=nowhere)
    window = Browser(app, config)
    answer = window.http.post(desk_link(config, manager.id, clock.now()))
    assert answer.status_code == 503
    assert "没有收任何款" in words(answer)
    nowhere.dispose()


def test_the_request_log_names_routes_and_never_tokens(browser, scene, owner_path, caplog):
    with scene() as office:
        owner = office.person("程静")
    path = owner_path(owner)
    with caplog.at_level(logging.INFO, logger="wuye.web"):
        browser().get(path)
        browser().get("/desk/none?name=程静")
    assert "GET /h5/b/{token} 200" in caplog.text
    assert "GET (no route) 404" in caplog.text
    assert path.rpartition("/")[2] not in caplog.text
    assert "程静" not in caplog.text
    assert logging.getLogger("uvicorn.access").disabled


def test_a_form_that_is_too_large_is_refused_announced_or_not(browser):
    path, most = "/desk/login/password", 1024 * 1024
    window = browser()
    announced = window.http.post(path, data={"login": "x" * (most + 1)})

    def unannounced():
        yield from [b"login=" + b"x" * 64 * 1024] * 20

    form = {"content-type": "application/x-www-form-urlencoded"}
    for answer in (announced, window.http.post(path, content=unannounced(), headers=form)):
        assert answer.status_code == 413
        assert "这一页收不下这么多内容，什么都没有提交" in words(answer)
