"""The messy workbook in a real browser, from upload to applied import and back, with the product's
own Prefect server between the page and the flow; screenshots go to artifacts/.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from pydantic import SecretStr

from domain import clock
from flows.owner_import import ImportForm, owner_import
from gateway.links import desk_link
from tests.flows.conftest import prefect_api, prefect_server, worker_environment
from tests.flows.running import until
from tests.gateway.excel.workbooks import DATA
from tests.support.browsing import NEEDED, shot

__all__ = ["prefect_api", "prefect_server", "worker_environment"]
"""Fixtures that live elsewhere."""

pytestmark = [*NEEDED, pytest.mark.timeout(300), pytest.mark.xdist_group("prefect")]


@pytest.fixture
def config(config, worker_environment, prefect_api, monkeypatch):
    """The gateway of this Prefect server, sealing with the worker's keys."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_api)
    keys = SecretStr(worker_environment["WUYE_DATA_KEYS"])
    return config.model_copy(update={"data_keys": keys})


class Worker:
    """Runs what pages start, when told to; in a thread, for the browser has this one's event loop."""

    def __init__(self, url: str) -> None:
        self.url, self.thread, self.done = url, ThreadPoolExecutor(1), set[str]()
        self.thread.submit(lambda: owner_import.to_deployment(name="on-demand").apply()).result(60)

    def waiting(self) -> list[dict]:
        wanted = {
            "flows": {"name": {"any_": [owner_import.name]}},  # other tests start other flows
            "flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}},
        }
        answer = requests.post(f"{self.url}/flow_runs/filter", json=wanted, timeout=30)
        return [run for run in answer.json() if run["id"] not in self.done]

    def work(self) -> dict:
        """The one run that was started, to its end; what it was asked."""
        until(lambda: len(self.waiting()) == 1, what="the start")
        [run] = self.waiting()
        self.done.add(run["id"])
        form = run["parameters"]["form"]
        self.thread.submit(lambda: owner_import(ImportForm(**form))).result(120)
        return form


@pytest.fixture
def worker(prefect_api: str) -> Iterator[Worker]:
    """A worker of the test's own."""
    found = Worker(prefect_api)
    yield found
    found.thread.shutdown()


@pytest.fixture
def office(scene):
    """A community without a single room."""
    with scene() as office:
        pass
    return office


def test_the_messy_workbook_from_upload_to_import_and_back(window, served, office, worker):
    tab = window("desktop")
    tab.goto(desk_link(served, office.manager.id, clock.now()))
    tab.click("text=进入工作台")
    tab.click("nav >> text=导入")
    tab.click("a.button:has-text('上传工作簿')")
    tab.set_input_files("#file", DATA / "owners-messy.xlsx")
    shot(tab, "imports-new-desktop")
    tab.click("text=上传并检查")
    tab.wait_for_url("**/imports/*")
    tab.locator("[role=status]", has_text="正在检查").wait_for()
    shot(tab, "imports-checking-desktop")
    assert worker.work()["action"] == "check"
    tab.wait_for_selector("text=不能导入的地方")
    assert tab.locator("tr:has-text('业主姓名没有填写')").count() == 2
    shot(tab, "imports-checked-desktop")
    tab.set_viewport_size({"width": 360, "height": 760})
    shot(tab, "imports-checked-360")
    tab.set_viewport_size({"width": 1360, "height": 860})
    tab.click("text=导入 36 行")
    assert "新增 36 行" in tab.inner_text("h1")
    shot(tab, "imports-confirm-desktop")
    tab.dblclick("text=确认导入")
    tab.wait_for_selector("text=正在导入")
    assert worker.work()["action"] == "apply"
    tab.wait_for_selector("text=撤销这一批")
    shot(tab, "imports-applied-desktop")
    assert worker.waiting() == []
    tab.click("text=撤销这一批")
    tab.click("text=确认撤销")
    tab.wait_for_selector("text=正在撤销")
    assert worker.work()["action"] == "undo"
    tab.wait_for_selector("text=全部撤销了")
    tab.click("text=全部批次")
    assert "已撤销" in tab.inner_text("table")
    shot(tab, "imports-list-desktop")
