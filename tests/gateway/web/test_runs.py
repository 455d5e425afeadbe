"""A bill run at the desk: what changed, deciding on what was seen, waking the flow, taking it back."""

import re
from datetime import date

import pytest
from sqlalchemy import select

from domain.bills import chunks, drafting
from domain.bills import runs as bill_runs
from domain.bills.model import Bill, BillRun, BillRunDecision, BillRunStatus, BillStatus, Decision
from domain.session import transaction
from gateway.web.act import billing
from statemachines import bill_run as machine
from statemachines import supplement
from tests.gateway.web.conftest import words

SLEEPING = "5a5a5a5a-0000-4000-8000-000000000001"
SEEN = re.compile(r'name="(seen_\w+)" value="(\d+)"')


def drafted(office, month=date(2026, 11, 1)):
    """Drafts of a month, handed in for approval."""
    session, by, at = office.session, office.clock, office.at
    run = machine.open_run(session, community_id=office.community.id, month=month, by=by, at=at)
    machine.begin(session, run.id, by=by, at=at)
    for chunk in chunks.undrafted(session, run.id):
        drafting.draft(session, chunk.id, at=at)
    return machine.submit(session, run.id, by=by, at=at)


@pytest.fixture
def waiting(browser, scene, app):
    """Drafts of two rooms wait for a decision; one has no payer. The manager is signed in."""
    with scene() as office:
        office.tariff(office.fee(name="物业费"), "2.50")
        office.room("1-1-101", area="100.00")
        office.room("1-1-102", area="80.00", owner=None)
        office.run = drafted(office)
        bill_runs.wait_in(office.session, office.run.id, prefect_run=SLEEPING)
        office.looker = office.staff("kan", "看看", ["bills.see"])
    app.state.flow_server.runs[SLEEPING] = {"id": SLEEPING, "deployment": "x", "key": "x"}
    app.state.flow_server.told(SLEEPING, "PAUSED", "Suspended")
    office.window = browser().sign_in(office.manager)
    office.path, office.flows = f"/desk/runs/{office.run.id}", app.state.flow_server
    return office


def seen(window, path) -> dict[str, str]:
    """What a page that asks carries along."""
    return dict(SEEN.findall(window.get(path).text))


def state(engine, run_id):
    with transaction(engine) as session:
        bills = set(session.scalars(select(Bill.status).where(Bill.bill_run_id == run_id)))
        return session.get_one(BillRun, run_id).status, bills


def test_a_waiting_run_shows_what_to_look_at(waiting):
    said = words(waiting.window.get(waiting.path))
    assert "等您审批" in said
    assert "2 行明细" in said
    assert "¥450.00" in said
    assert "没有登记缴费人 1-1-102" in said
    assert "物业费 住宅 2 ¥0.00 +¥450.00 ¥450.00" in said
    assert "没有上一期可以比较" in said
    listed = words(waiting.window.get(f"{waiting.path}/bills"))
    assert "1-1-101 潘超 草稿" in listed
    assert "共 2 张账单" in listed
    assert "共 1 张账单" in words(waiting.window.get(f"{waiting.path}/bills?pick=no_payer"))
    assert "没有符合条件" in words(waiting.window.get(f"{waiting.path}/bills?pick=zero"))


@pytest.mark.usefixtures("hurried")
def test_approving_what_was_seen_wakes_the_flow(waiting, engine):
    form = seen(waiting.window, f"{waiting.path}/approve")
    assert form == {"seen_bills": "2", "seen_total_fen": "45000"}
    answers = [waiting.window.post(f"{waiting.path}/approve", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    said = words(waiting.window.follow(answers[0]))
    assert "已批准。后台正在出账" in said
    assert "周经理" in said
    assert "当时看到 2 张，共 ¥450.00" in said
    assert waiting.flows.resumed[0] == SLEEPING
    assert state(engine, waiting.run.id)[0] == BillRunStatus.APPROVED
    with transaction(engine) as session:
        assert session.scalars(select(BillRunDecision.decision)).all() == [Decision.APPROVE]


def test_a_run_whose_figures_changed_is_not_decided(waiting, engine):
    form = seen(waiting.window, f"{waiting.path}/approve") | {"seen_total_fen": "44999"}
    answer = waiting.window.post(f"{waiting.path}/approve", **form)
    assert answer.status_code == 409
    assert "数字刚刚变了" in words(answer)
    assert 'value="45000"' in answer.text
    assert state(engine, waiting.run.id)[0] == BillRunStatus.AWAITING_APPROVAL
    assert waiting.flows.resumed == []


def test_a_rejection_needs_a_reason_and_starts_nothing_new(waiting, engine):
    form = seen(waiting.window, f"{waiting.path}/reject")
    bare = waiting.window.post(f"{waiting.path}/reject", **form, note=" ")
    assert bare.status_code == 422
    assert "要写明原因" in words(bare)
    answer = waiting.window.post(f"{waiting.path}/reject", **form, note="面积不对")
    said = words(waiting.window.follow(answer))
    assert "已驳回，草稿已作废" in said
    assert "说明：面积不对" in said
    assert state(engine, waiting.run.id) == (BillRunStatus.REJECTED, {BillStatus.DISCARDED})
    assert set(waiting.flows.runs) == {SLEEPING}


def test_a_rejection_of_a_lost_flow_starts_nothing_new(waiting):
    del waiting.flows.runs[SLEEPING]
    waiting.flows.resume = lambda _run: False
    form = seen(waiting.window, f"{waiting.path}/reject")
    waiting.window.post(f"{waiting.path}/reject", **form, note="面积不对")
    assert waiting.flows.runs == {}


def test_a_decision_stands_while_prefect_is_away_and_can_be_woken_later(waiting, engine):
    form = seen(waiting.window, f"{waiting.path}/approve")
    waiting.flows.away = True
    answer = waiting.window.post(f"{waiting.path}/approve", **form)
    said = words(waiting.window.follow(answer))
    assert "决定已经生效" in said
    assert "叫醒流程" in said
    assert state(engine, waiting.run.id)[0] == BillRunStatus.APPROVED
    still = waiting.window.post(f"{waiting.path}/wake")
    assert "现在连不上" in words(waiting.window.follow(still))
    waiting.flows.away = False
    woken = waiting.window.post(f"{waiting.path}/wake")
    assert "已经叫醒" in words(waiting.window.follow(woken))
    assert waiting.flows.resumed == [SLEEPING]


@pytest.fixture
def issued(scene):
    """November of one room, issued."""
    with scene() as office:
        office.tariff(office.fee(name="物业费"), "2.50")
        office.room("1-1-101", area="100.00")
        office.run = run = drafted(office)
        by, at, session = office.clock, office.at, office.session
        machine.decide(session, run.id, Decision.APPROVE, by=by, at=at)
        machine.start_issue(session, run.id, by=by, at=at)
        for chunk in chunks.unissued(session, run.id):
            machine.issue_chunk(session, chunk.id, by=by, at=at)
        machine.finish(session, run.id, by=by, at=at)
    return office


def test_a_bill_taken_back_leads_to_its_supplement(issued, browser, engine):
    window, office = browser().sign_in(issued.manager), issued
    asked = {"form": {"community": "翠湖花园", "month": "2026-11"}}

    def weighed() -> str:
        with transaction(engine) as session:
            told = billing.weigh(session, asked, office.community.id)
        return f"{told.sentence} {told.rows}"

    assert "没有缺漏" in weighed()
    with transaction(engine) as session:
        no = session.scalars(select(Bill.no)).one()
    back = seen(window, f"/desk/bills/{no}/reverse")
    said = window.follow(window.post(f"/desk/bills/{no}/reverse", **back, note="面积错了"))
    assert 'href="/act/' in said.text
    assert "就只补这一户" in words(said)
    assert "已经有账的不动" in weighed()
    assert "'1 套'" in weighed()
    with transaction(engine) as session:
        by, at = office.clock, office.at
        run = supplement.take_up(
            session, community_id=office.community.id, month=office.run.period_start, by=by, at=at
        )
    assert "这个月补过账： 第" in words(window.get(f"/desk/runs/{office.run.id}"))
    assert "翠湖花园 2026年11月补账" in words(window.get(f"/desk/runs/{run.id}"))
    assert "补账" in words(window.get("/desk/runs"))


def test_a_run_is_taken_back_whole(issued, browser, engine):
    office, run = issued, issued.run
    window, path = browser().sign_in(office.manager), f"/desk/runs/{run.id}/reverse"
    form = seen(window, path)
    assert "红冲翠湖花园 2026年11月的 1 张账单，共 ¥250.00" in words(window.get(path))
    assert window.post(path, **form, note="").status_code == 422
    assert window.post(path, **form | {"seen_bills": "7"}, note="算错了").status_code == 409
    answers = [window.post(path, **form, note="算错了") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 409]
    assert state(engine, run.id) == (BillRunStatus.REVERSED, {BillStatus.REVERSED})
    assert "整批已红冲" in words(window.follow(answers[0]))


def test_who_may_only_look_decides_nothing(waiting, browser):
    window = browser().sign_in(waiting.looker)
    assert "在等有审批权限的同事决定" in words(window.get(waiting.path))
    for act in ("approve", "reject", "reverse", "wake"):
        assert window.post(f"{waiting.path}/{act}", note="试试").status_code == 403
