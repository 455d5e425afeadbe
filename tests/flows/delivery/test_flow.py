"""The flow `deliver-letters`, called without a Prefect server."""

from collections.abc import Iterator

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from domain.letters.bell import bell
from flows import office as flow_office
from flows.deliver_letters import DeliverForm, LettersBroken, deliver_letters
from gateway.settings import settings
from tests.flows.delivery.rack import Rack
from tests.support import sandbox as box


@pytest.fixture
def worker(rack: Rack, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rack]:
    """This process set up as a worker beside the sandbox."""
    rack.real_time()
    mine = {
        "DATABASE_URL": database_url, "SECRET_KEY": "k" * 43, "BASE_URL": "https://wuye.example",
        "WECOM_CORP_ID": box.CORP_ID, "WECOM_AGENT_ID": str(box.AGENT_ID),
        "WECOM_SECRET": box.APP_SECRET, "WECOM_CONTACT_SECRET": box.CONTACT_SECRET,
        "WECOM_BASE_URL": rack.sandbox.url,
    }  # fmt: skip
    for name, value in mine.items():
        monkeypatch.setenv(f"WUYE_{name}", value)
    forget()
    yield rack
    flow_office.engine().dispose()
    forget()


def forget() -> None:
    settings.cache_clear()
    flow_office.engine.cache_clear()


def test_once_delivers_and_says_what_came_of_it(worker: Rack) -> None:
    note, bill = worker.note(), worker.bill("wm1")
    outcome = deliver_letters.fn(DeliverForm(once=True))
    assert (outcome["sent"], outcome["awaiting"], outcome["broken"]) == (1, 1, [])
    assert worker.status(note, bill) == ["sent", "sending"]
    worker.sandbox.press("lisi")
    assert deliver_letters.fn(DeliverForm(once=True))["reached"] == 1


def test_a_second_one_ends_at_once_and_well(worker: Rack) -> None:
    letter = worker.note()
    with bell(worker.engine):
        for form in (DeliverForm(once=True), DeliverForm()):
            state = deliver_letters.fn(form)
            assert state.is_completed()
            assert state.message == "已有一个在运行"
    assert worker.status(letter) == ["queued"]


def test_it_ends_red_over_a_letter_nobody_can_write_after_the_others(worker: Rack) -> None:
    broken = worker.put("no.such.kind", staff_id=worker.staff["lisi"])
    good = worker.note()
    with pytest.raises(LettersBroken, match=str(broken)):
        deliver_letters.fn(DeliverForm())
    assert worker.status(broken, good) == ["failed", "sent"]


def test_the_form_speaks_chinese() -> None:
    fields = DeliverForm.model_json_schema()["properties"]
    assert [field["title"] for field in fields.values()] == ["只投递一次", "运行多少小时"]


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("prefect")
def test_a_recorded_run_is_a_task_per_batch_and_a_page_for_people(
    prefect_api: str, worker: Rack
) -> None:
    for _ in range(3):
        worker.note()
    worker.put("no.such.kind", staff_id=worker.staff["lisi"])
    state = deliver_letters(DeliverForm(), return_state=True)
    assert state.is_failed()
    assert "1 条消息写不出来" in str(state.message)
    with get_client(sync_client=True) as client:
        pages = client.read_artifacts(
            artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=["deliver-letters"])),
        )
        said = [str(page.data) for page in pages]
        assert ["已发给员工 **3** 条" in one and "未送达 **1** 条" in one for one in said] == [True]
        assert client.read_flow_run(pages[0].flow_run_id).name == "投递消息"
