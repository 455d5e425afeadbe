"""Lists at the desk: read-only, scoped, and never empty-handed."""

from domain.company.model import Community
from domain.letters.model import Letter, LetterStatus
from tests.gateway.web import demo
from tests.gateway.web.conftest import statements, words


def test_dead_letters_say_to_whom_and_why(browser, scene):
    with scene() as office:
        demo.household(office)
        demo.approvals(office)
        manager = office.manager
    window = browser().sign_in(manager)
    said = words(window.get("/desk/letters"))
    assert "欧阳文静 翠湖花园 账单通知 业主已删除企业微信好友" in said
    assert "试了 5 次" in said
    assert "1 条消息业主没有收到" in words(window.get("/desk"))


def test_bill_runs_show_month_state_and_figures(browser, scene, engine):
    with scene() as office:
        demo.household(office)
        manager = office.manager
    window = browser().sign_in(manager)
    with statements(engine) as sent:
        said = words(window.get("/desk/runs"))
    assert "2026年11月 翠湖花园 已建立 还没出账 1,284 张 ¥412,330.50" in said
    assert len(sent) <= 4


def test_empty_lists_say_what_will_come(browser, scene):
    with scene() as office:
        manager = office.manager
    window = browser().sign_in(manager)
    assert "没有未送达的消息" in words(window.get("/desk/letters"))
    said = words(window.get("/desk/runs"))
    assert "还没有出过账" in said
    assert "每月 1 日" in said


def test_only_ones_own_communities_are_listed(browser, scene):
    with scene() as office:
        clerk = office.staff("xu", "徐客服", ["letters.handle"])
        there = office._add(Community(company_id=office.company.id, name="别处花园"))
        office._add(
            Letter(
                community_id=there.id, staff_id=office.manager.id, kind="unknown.kind", key="x",
                facts={}, status=LetterStatus.FAILED, queued_at=office.at, not_before=office.at,
            )
        )  # fmt: skip
        director = office.staff("zong", "宗总", [])
    window = browser().sign_in(clerk)
    assert "没有未送达的消息" in words(window.get("/desk/letters"))
    assert window.get("/desk/runs").status_code == 403
    answer = browser().sign_in(director).get("/desk/letters")
    assert answer.status_code == 403
    assert "没有「处理未送达的消息」的权限" in words(answer)
