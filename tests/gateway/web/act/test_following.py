"""Following what was started: where it stands, what came of it, and what to do when it failed."""

import pytest

from tests.gateway.web.conftest import statements, words

NOVEMBER = {"community": "翠湖花园", "month": "2026-11"}


@pytest.fixture
def started(town, link, flows, browser):
    """李经理 has started November again: (her browser, the page that follows it, the run's id)."""
    window, path = browser().sign_in(town.li), link(**NOVEMBER)
    window.get(path)
    page = window.post(f"{path}/start").headers["location"]
    [run_id] = flows.runs
    return window, page, run_id


def test_progress_state_and_our_own_figures(started, flows, town):
    window, page, run_id = started
    flows.told(run_id, "RUNNING")
    flows.pages = [
        {"type": "progress", "description": "计算账单", "data": 40.0},
        {"type": "markdown", "description": "预览", "data": "## 出账预览\n- 合计 **¥150.00**"},
    ]
    answer = window.get(page)
    assert 'http-equiv="refresh"' in answer.text
    said = words(answer)
    for part in (
        "李经理",
        "进行中",
        "计算账单",
        "40%",
        "账期 2026-11",
        "待审批",
        "¥150.00",
        "出账预览",
    ):
        assert part in said, part
    assert f"http://flows.test/runs/flow-run/{run_id}" in answer.text
    decide = answer.text.partition('class="button primary" href="')[2].partition('"')[0]
    assert "2026年11月账单" in words(window.get(decide))
    flows.told(run_id, "COMPLETED")
    answer = window.get(page)
    assert "已完成" in words(answer)
    assert "refresh" not in answer.text
    assert "再发起一次" in words(answer)


@pytest.mark.parametrize(
    ("kind", "message", "said", "hidden"),
    [
        ("FAILED", "Flow run encountered an exception: ChunksFailed: 计算账单未完成：3栋 等 1 块",
         "计算账单未完成：3栋 等 1 块", "ChunksFailed"),
        ("FAILED", "Flow run encountered an exception: IntegrityError: (psycopg2) Key (name)=(潘超)",
         "系统出错了", "潘超"),
        ("CRASHED", "Flow run process exited with non-zero status code -9", "中途停了", "exited"),
        ("CANCELLED", "Deployment concurrency limit reached.", "取消", "limit"),
    ],
)  # fmt: skip
def test_a_failure_in_words_with_what_to_do(started, flows, kind, message, said, hidden):
    window, page, run_id = started
    flows.told(run_id, kind, message=message)
    answer = words(window.get(page))
    assert said in answer
    assert "再发起一次即可" in answer
    assert hidden not in answer


def test_who_may_not_see_amounts_sees_none_and_no_way_to_prefect(started, flows, town, browser):
    _, page, run_id = started
    flows.told(run_id, "COMPLETED")
    flows.pages = [{"type": "markdown", "description": "预览", "data": "合计 **¥150.00**"}]
    answer = browser().sign_in(town.qian).get(page)
    assert answer.status_code == 200
    assert "¥" not in words(answer)
    assert "flow-run" not in answer.text
    assert browser().sign_in(town.zhou).get(page).status_code == 403


def test_a_prefect_that_is_away_or_has_forgotten(started, flows):
    window, page, _run_id = started
    flows.away = True
    assert "现在连不上" in words(window.get(page))
    assert "现在连不上" in words(window.get("/desk/flows"))
    flows.away, flows.runs = False, {}
    assert "已经清理了这次运行的记录" in words(window.get(page))


def test_the_page_of_flows_asks_prefect_once_and_the_database_a_few_times(
    started, link, flows, town, browser, engine
):
    window, _page, _run_id = started
    for month in range(1, 10):
        path = link(community="翠湖花园", month=f"2027-{month:02d}")
        window.get(path)
        window.post(f"{path}/start")
    flows.asked = 0
    with statements(engine) as sent:
        said = words(window.get("/desk/flows"))
    assert flows.asked == 1
    assert len(sent) <= 8
    assert said.count("李经理") >= 10
    assert "月度" not in said
    assert "按收费标准算出一个月的账单" in said
    assert "同步员工" not in said
    mine = words(browser().sign_in(town.zhang).get("/desk/flows"))
    assert "还没有人从这里发起过任务" in mine
    assert "还不能发起" in words(browser().sign_in(town.zhou).get("/desk/flows"))
