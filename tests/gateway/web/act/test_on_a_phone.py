"""From the letter to the decision, and from the menu to a run, on a phone in a real browser."""

import re

import pytest

from domain import clock
from gateway.action_links import decide_link
from gateway.links import desk_link
from tests.gateway.web.act.conftest import WAITING
from tests.support.browsing import NEEDED, shot
from tests.support.flows_told import FlowsTold, over_http

pytestmark = NEEDED
SIZES = pytest.mark.parametrize("size", ["360", "desktop"])


@pytest.fixture
def prefect(monkeypatch):
    """Asked over HTTP, as the served gateway asks."""
    flows = FlowsTold()
    with over_http(flows) as url:
        monkeypatch.setenv("PREFECT_API_URL", url)
        yield flows


@pytest.fixture
def signed_in(prefect, served, window, town):
    """A tab of a size where 李经理 is signed in."""

    def open_tab(size):
        tab = window(size)
        tab.goto(desk_link(served, town.li.id, clock.now()))
        tab.click("text=进入工作台")
        tab.wait_for_url("**/desk")
        return tab

    return open_tab


@SIZES
def test_a_manager_approves_from_the_letter(prefect, served, signed_in, town, size):
    prefect.runs[WAITING] = {
        "id": WAITING,
        "key": "",
        "deployment": "",
        "state": {"type": "PAUSED"},
    }
    tab = signed_in(size)
    tab.goto(decide_link(served, town.run.id, nonce="letter 1", at=clock.now()))
    shot(tab, f"act-decide-{size}")
    tab.click("text=驳回…")
    tab.click("text=确认驳回")
    tab.locator("[role=alert]", has_text="驳回要写明原因").wait_for()
    shot(tab, f"act-reject-{size}")
    tab.click("main >> text=返回")
    tab.click("text=批准…")
    shot(tab, f"act-approve-{size}")
    tab.click("text=确认批准")
    tab.locator("[role=status]", has_text="已记下批准").wait_for()
    shot(tab, f"act-approved-{size}")
    assert prefect.resumed == [WAITING]


def test_a_run_is_started_and_followed_without_a_hand(prefect, served, signed_in):
    size = "360"
    tab = signed_in(size)
    tab.goto(f"{served.base_url}/desk/flows")
    tab.click("main >> text=出账 >> nth=0")
    tab.select_option("select", "翠湖花园")
    tab.fill("input[name='p.form.month']", "2026-12")
    shot(tab, f"act-start-{size}")
    tab.click("text=下一步")
    shot(tab, f"act-confirm-{size}")
    tab.click("text=确认，开始出账")
    tab.wait_for_url(re.compile("/act/runs/"))
    [run_id] = prefect.runs
    prefect.pages = [{"type": "progress", "description": "计算账单", "data": 40.0}]
    prefect.told(run_id, "RUNNING")
    tab.wait_for_selector("progress")
    shot(tab, f"act-follow-{size}")
    prefect.pages = [{"type": "markdown", "description": "结果", "data": REPORT},
                     {"type": "table", "description": "按费用项目", "data": TABLE}]  # fmt: skip
    prefect.told(run_id, "FAILED", message=FAILED)
    tab.wait_for_selector("text=1 块")
    shot(tab, f"act-failed-{size}")
    prefect.told(run_id, "COMPLETED")
    tab.goto(f"{served.base_url}/desk/flows")
    tab.locator("main", has_text="已完成").wait_for()
    shot(tab, f"act-flows-{size}")


FAILED = "Flow run encountered an exception: ChunksFailed: 计算账单未完成：3栋 等 1 块"
REPORT = "## 翠湖花园 2026-12 出账预览\n\n- 账单 **4** 张\n- 没有缴费人的房屋：1 户（2-1-102）"
TABLE = '[{"费用项目": "物业费", "房屋类型": "住宅", "本期": "¥1,120.00", "上期": "—"}]'
