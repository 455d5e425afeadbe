"""A link starts one run: for who may, where they may, after they have seen what it means."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from domain.access.model import FlowStart
from domain.company.model import Community
from domain.history.model import AuditEntry
from domain.session import transaction
from domain.staff.model import Role, Staff, StaffRole
from tests.gateway.web.conftest import words

DECEMBER = {"p.form.community": "翠湖花园", "p.form.month": "２０２６年１２月"}


def starts(session):
    return session.scalars(select(FlowStart)).all()


def test_a_form_a_consequence_a_run(town, link, flows, browser, stored):
    window, path = browser().sign_in(town.zhang), link()
    form = window.get(path)
    assert "算出一个月的账单" in words(form)
    assert "账单所属月份，如 2026-11；不填为本月" in words(form)
    assert '<option value="翠湖花园">' in form.text
    asked = window.post(f"{path}/check", **DECEMBER)
    assert "还没有开始" in words(asked)
    assert "为翠湖花园算 2026年12月的账单：4 套房屋，4 位缴费人" in words(asked)
    assert stored(starts) == []
    assert flows.runs == {}
    answer = window.post(f"{path}/start", **DECEMBER)
    [row] = stored(starts)
    [run] = flows.runs.values()
    assert answer.headers["location"] == f"/act/runs/{row.id}"
    assert run["parameters"] == {"form": {"community": "翠湖花园", "month": "2026-12"}}
    assert run["tags"] == [f"request:{row.request_id}"] == [
        f"request:{answer.headers['x-request-id']}"
    ]  # fmt: skip
    assert row.prefect_run == run["id"]
    assert words(window.follow(answer)).count("排队中") == 1


def test_what_the_link_has_settled_is_shown_and_cannot_be_changed(town, link, flows, browser):
    window, path = browser().sign_in(town.zhang), link(community="翠湖花园", month="2026-12")
    assert "p.form.month" not in window.get(path).text
    window.post(f"{path}/start", **{"p.form.month": "2027-05", "p.form.community": ""})
    [run] = flows.runs.values()
    assert run["parameters"]["form"] == {"community": "翠湖花园", "month": "2026-12"}


def test_two_tabs_and_many_clicks_start_one_run(town, link, flows, browser, stored):
    path = link()
    windows = [browser().sign_in(town.zhang) for _ in range(4)]
    for window in windows:
        window.get(path)
    with ThreadPoolExecutor(len(windows)) as pool:
        answers = list(pool.map(lambda one: one.post(f"{path}/start", **DECEMBER), windows))
    [row] = stored(starts)
    assert {answer.headers["location"] for answer in answers} == {f"/act/runs/{row.id}"}
    assert len(flows.runs) == 1
    assert windows[0].get(path).headers["location"] == f"/act/runs/{row.id}"
    second = browser().sign_in(town.li)
    assert "张经理" in words(second.follow(second.get(path)))
    assert (
        len(stored(lambda s: s.scalars(select(AuditEntry).filter_by(action="flow.start")).all()))
        == 1
    )


@pytest.mark.parametrize("fault", ["away", "picky"])
def test_a_click_that_reached_only_us_is_healed_by_the_next(
    town, link, flows, browser, stored, fault
):
    window, path = browser().sign_in(town.zhang), link(community="翠湖花园", month="2026-12")
    window.get(path)
    flows.deployment("bill-run/monthly")  # known from the form
    setattr(flows, fault, True)
    answer = window.follow(window.post(f"{path}/start"))
    assert "还没有开始" in words(answer)
    assert "2026-12" in words(answer)
    assert stored(starts)[0].prefect_run is None
    here = window.get(path).headers["location"]
    setattr(flows, fault, False)
    window.get(here)
    for _ in range(2):
        assert window.post(f"{here}/again").headers["location"] == here
    assert [row.prefect_run for row in stored(starts)] == list(flows.runs)


def test_what_was_typed_survives_a_prefect_that_is_away(town, link, flows, browser, stored):
    window, path = browser().sign_in(town.zhang), link()
    window.get(path)
    flows.away, flows._known = True, {}
    answer = window.post(f"{path}/check", **DECEMBER)
    assert answer.status_code == 503
    assert "现在连不上" in words(answer)
    assert 'name="p.form.month" value="２０２６年１２月"' in answer.text
    assert stored(starts) == []
    flows.away = False
    assert "为翠湖花园算 2026年12月" in words(window.post(f"{path}/check", **DECEMBER))


def test_a_wrong_answer_comes_back_with_everything_typed(town, link, flows, browser):
    window, path = browser().sign_in(town.zhang), link()
    window.get(path)
    for month, said in (("十三月", "看不懂月份"), ("x" * 40, "最多 12 个字")):
        answer = window.post(f"{path}/start", **{**DECEMBER, "p.form.month": month})
        assert answer.status_code == 422
        assert said in words(answer)
        assert f'value="{month}"' in answer.text
    unknown = window.post(f"{path}/check", **{**DECEMBER, "p.form.community": "没有的小区"})
    assert unknown.status_code == 422
    assert "翠湖花园" not in words(unknown).partition("没有的小区")[0]
    assert flows.runs == {}


def test_only_who_may_there_at_that_moment(town, scene, link, flows, browser, engine, stored):
    with transaction(engine) as session:
        company = session.scalars(select(Community.company_id)).first()
        session.add(Community(company_id=company, name="听涛苑"))
    path = link()
    assert browser().sign_in(town.zhou).get(path).status_code == 403
    window = browser().sign_in(town.zhang)
    window.get(path)
    for foreign in ("听涛苑", ""):  # another community; the whole company
        for step in ("check", "start"):
            said = window.post(f"{path}/{step}", **{**DECEMBER, "p.form.community": foreign})
            assert said.status_code == 403, (foreign, step)
    assert window.get(link(community="听涛苑", month="2026-12")).status_code == 403
    with transaction(engine) as session:
        session.execute(update(Role).where(Role.code == "role-zhang").values(permissions=[]))
    for answer in (window.get(path), window.post(f"{path}/start", **DECEMBER)):
        assert answer.status_code == 403
        assert "没有「发起出账」的权限" in words(answer)
    assert (stored(starts), flows.runs) == ([], {})


def test_a_plain_browser_is_sent_to_log_in_and_comes_back(town, link, browser):
    path = link()
    answer = browser().get(path, headers={"accept": "text/html"})
    assert answer.headers["location"] == f"/desk/login?next={path}"
    assert browser().post(f"{path}/start", **DECEMBER).status_code == 401


def test_links_that_are_no_links(town, browser, letter):
    window = browser().sign_in(town.zhang)
    for path in ("/act/nothing", f"{letter}x", "/act/runs/999999"):
        assert window.get(path).status_code in (403, 404)
    window.get("/desk/flows")
    assert window.post(f"{letter}/start").status_code == 404


def test_what_acts_on_the_whole_company_is_for_who_may_there(
    town, scene_of_all, link, flows, browser
):
    path = link("ledger-check/nightly")
    for somebody, status in ((town.li, 403), (scene_of_all, 200)):
        window = browser().sign_in(somebody)
        offered = "核对账目" in words(window.get("/desk/flows"))
        assert (window.get(path).status_code, offered) == (status, status == 200)
    answer = window.post(f"{path}/start")
    assert "核对账目" in words(window.follow(answer))
    assert "全公司" in words(window.get("/desk/flows"))
    [run] = flows.runs.values()
    assert (run["deployment"], run["parameters"]) == ("ledger-check/nightly", {})


@pytest.fixture
def scene_of_all(engine, town):
    """陈总, who may check the books of the whole company."""
    with transaction(engine) as session:
        person = Staff(company_id=town.company.id, login="chen", name="陈总")
        role = Role(code="all", name="总经理", permissions=["audit.see", "bills.see"])
        session.add_all([person, role])
        session.flush()
        session.add(StaffRole(staff_id=person.id, role_id=role.id))
    return person
