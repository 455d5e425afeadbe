"""Approving and rejecting from the letter: the figures, once more, one word, and the flow goes on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from domain.bills import decisions
from domain.bills.model import Bill, BillRun, BillRunStatus
from domain.session import transaction
from domain.staff.model import Role
from tests.gateway.web.conftest import words

SEEN = {"bills": 2, "total_fen": 15_000}


def status(town):
    return lambda session: session.get_one(BillRun, town.run.id).status


def word(town):
    return lambda session: decisions.of(session, town.run.id)


def test_a_manager_approves_on_a_phone(town, letter, waiting, flows, browser, stored):
    window = browser().sign_in(town.zhang)
    page = words(window.get(letter))
    for said in ("2026年11月账单", "2 张，2 套房屋", "¥150.00", "2 位", "待审批"):
        assert said in page, said
    asked = words(window.post(f"{letter}/weigh", decision="approve"))
    assert "批准翠湖花园 2026年11月的 2 张账单，合计 ¥150.00 ，并通知 2 位缴费人" in asked
    assert "有 2 位缴费人没有绑定微信" in asked
    assert stored(word(town)) is None
    done = window.follow(window.post(f"{letter}/decide", decision="approve", **SEEN))
    assert "已记下批准" in words(done)
    assert stored(status(town)) == BillRunStatus.APPROVED
    assert flows.resumed == [waiting]


def test_rejecting_needs_a_reason_and_ends_the_run(town, letter, waiting, flows, browser, stored):
    window = browser().sign_in(town.zhang)
    window.get(letter)
    refused = window.post(f"{letter}/decide", decision="reject", note=" ", **SEEN)
    assert refused.status_code == 422
    assert "驳回要写明原因" in words(refused)
    window.post(f"{letter}/decide", decision="reject", note="3 栋面积不对", **SEEN)
    said = stored(word(town))
    assert (said.decision, said.actor_name, said.note) == ("reject", "张经理", "3 栋面积不对")
    assert stored(status(town)) == BillRunStatus.REJECTED
    assert flows.resumed == [waiting]


def test_the_second_approver_hears_who_was_first(town, letter, waiting, browser, stored):
    first, second = browser().sign_in(town.zhang), browser().sign_in(town.li)
    for window in (first, second):
        window.get(letter)
    first.post(f"{letter}/decide", decision="approve", **SEEN)
    late = second.post(f"{letter}/decide", decision="reject", note="不同意", **SEEN)
    assert late.status_code == 409
    assert "张经理已经批准了这批账单" in words(late)
    assert "确认" not in words(second.post(f"{letter}/weigh", decision="reject"))
    assert stored(word(town)).actor_name == "张经理"


@pytest.mark.usefixtures("hurried")
def test_a_double_click_is_one_decision(town, letter, waiting, flows, browser, stored):
    window, twin = browser().sign_in(town.zhang), browser().sign_in(town.zhang)
    for one in (window, twin):
        one.get(letter)

    def click(one):
        return one.post(f"{letter}/decide", decision="approve", **SEEN).status_code

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(click, (window, twin))) == [303, 303]
    assert flows.resumed == [waiting]
    assert stored(word(town)).actor_name == "张经理"


def test_figures_that_moved_since_are_shown_again(town, letter, engine, browser, stored):
    window = browser().sign_in(town.zhang)
    window.get(letter)
    with transaction(engine) as session:
        session.execute(update(Bill).where(Bill.id == town.drafts[0].id).values(total_fen=9_999))
    answer = window.post(f"{letter}/decide", decision="approve", **SEEN)
    assert answer.status_code == 409
    assert "数字刚刚变了" in words(answer)
    assert "¥149.99" in words(answer)
    assert stored(word(town)) is None


def test_forwarded_to_somebody_without_the_right(town, letter, engine, browser, stored):
    for nosy in (town.zhou, town.qian):
        answer = browser().sign_in(nosy).get(letter)
        assert answer.status_code == 403
        assert "¥" not in words(answer)
    window = browser().sign_in(town.zhang)
    window.get(letter)
    with transaction(engine) as session:
        only = ["bills.see"]
        session.execute(update(Role).where(Role.code == "role-zhang").values(permissions=only))
    answer = window.post(f"{letter}/decide", decision="approve", **SEEN)
    assert answer.status_code == 403
    assert "没有「审批账单」的权限" in words(answer)
    assert stored(word(town)) is None


def test_the_word_stands_while_prefect_is_away_and_the_flow_is_called_later(
    town, letter, waiting, flows, browser, stored
):
    window = browser().sign_in(town.zhang)
    window.get(letter)
    flows.away = True
    done = window.follow(window.post(f"{letter}/decide", decision="approve", **SEEN))
    assert "现在连不上" in words(done)
    assert stored(status(town)) == BillRunStatus.APPROVED
    flows.away = False
    assert "已经再叫了一次" in words(window.follow(window.post(f"{letter}/carry-on")))
    assert flows.resumed == [waiting]


def test_a_rejection_starts_no_new_flow_where_the_old_one_was_lost(
    town, letter, flows, browser, stored
):
    window = browser().sign_in(town.zhang)
    window.get(letter)
    window.post(f"{letter}/decide", decision="reject", note="3 栋面积不对", **SEEN)
    assert stored(status(town)) == BillRunStatus.REJECTED
    assert flows.runs == {}


def test_a_flow_that_was_lost_is_started_anew_once(town, letter, flows, browser):
    window = browser().sign_in(town.zhang)
    window.get(letter)
    window.post(f"{letter}/decide", decision="approve", **SEEN)
    window.post(f"{letter}/carry-on")
    [run] = flows.runs.values()
    assert run["parameters"] == {"form": {"community": "翠湖花园", "month": "2026-11"}}


def test_the_word_stands_where_prefect_will_not_and_the_page_says_so(
    town, letter, waiting, flows, browser, stored
):
    """The suspended run is lost, and a new one is refused: no error page over a word that counts."""
    flows.runs.clear()
    flows.picky = True
    window = browser().sign_in(town.zhang)
    window.get(letter)
    done = window.follow(window.post(f"{letter}/decide", decision="approve", **SEEN))
    assert (done.status_code, stored(status(town))) == (200, BillRunStatus.APPROVED)
    assert "您的决定已经记下" in words(done)
    flows.picky = False
    called = window.post(f"{letter}/carry-on")
    [run] = flows.runs.values()
    assert run["tags"] == [f"request:{called.headers['x-request-id']}"]
