"""The flow `staff-sync` over a sandbox: once by Prefect, its branches without."""

from collections.abc import Iterator

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey
from sqlalchemy import select

from domain.session import transaction
from domain.staff.model import Staff, WecomDepartment
from domain.staff.syncing.changes import Changes
from domain.staff.syncing.errors import TooManyLeave
from flows import office as flow_office
from flows.staff_sync import SyncForm, page, staff_sync, sync_contacts
from gateway.settings import settings
from tests.factories.office import Office
from tests.support import sandbox as box
from tests.support.sandbox import SandboxServer


@pytest.fixture(scope="module")
def running() -> Iterator[SandboxServer]:
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def company(
    running: SandboxServer, committed: Office, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    """The worker beside a WeCom with two members, of whom we know none; our manager is a third."""
    running.reset()
    running.seed_office()
    running.seed(staff=[{"userid": "manager", "name": "周经理"}])
    mine = {
        "WECOM_CORP_ID": box.CORP_ID, "WECOM_AGENT_ID": str(box.AGENT_ID),
        "WECOM_SECRET": box.APP_SECRET, "WECOM_BASE_URL": running.url,
    }  # fmt: skip
    for name, value in mine.items():
        monkeypatch.setenv(f"WUYE_{name}", value)
    settings.cache_clear()
    committed.session.commit()
    yield running
    settings.cache_clear()


def colleagues() -> dict[str, bool]:
    with transaction(flow_office.engine()) as session:
        return {one.login: one.active for one in session.scalars(select(Staff))}


@pytest.mark.timeout(300)
@pytest.mark.xdist_group("prefect")
def test_a_night_brings_new_colleagues_and_tells_of_them(
    prefect_api: str, company: SandboxServer
) -> None:
    for expected in (2, 0):
        assert staff_sync()["joined"] == expected
    assert colleagues() == {"manager": True, "lisi": True, "zhaoliu": True}
    with get_client(sync_client=True) as client:
        wanted = ArtifactFilter(key=ArtifactFilterKey(any_=["staff-sync"]))
        said = [str(one.data) for one in client.read_artifacts(artifact_filter=wanted)]
    assert any("加入 2" in one and "- lisi" in one for one in said)
    assert not any("李四" in one for one in said), "accounts, and no names"
    assert any("没有变化" in one for one in said)


def test_a_preview_changes_nothing_and_force_is_believed(company: SandboxServer) -> None:
    looked = sync_contacts.fn(SyncForm(preview=True))
    assert len(looked.joined) == 2
    assert "只看，没有改动" in page(looked, SyncForm(preview=True))
    assert colleagues() == {"manager": True}
    with transaction(flow_office.engine()) as session:
        assert session.scalars(select(WecomDepartment)).all() == []
    sync_contacts.fn(SyncForm())
    company.control("POST", "contacts", {"remove": {"staff": ["lisi", "zhaoliu"]}, "silent": True})
    with pytest.raises(TooManyLeave):
        sync_contacts.fn(SyncForm())
    sync_contacts.fn(SyncForm(force=True))
    assert colleagues() == {"manager": True, "lisi": False, "zhaoliu": False}


def test_names_bring_no_markup_into_the_page() -> None:
    said = page(Changes(joined=["[点我](http://x) <b>|（x）"]), SyncForm())
    assert "[点我]" not in said
    assert "<b>" not in said
