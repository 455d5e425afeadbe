"""Our few calls against a real Prefect server: start once per key, look, wake."""

import pytest
from prefect.client.orchestration import get_client

from gateway import runs
from gateway.flow_server import DeploymentMissing, FlowServer, FlowsRefused, FlowsUnreachable

pytestmark = [pytest.mark.timeout(300), pytest.mark.xdist_group("prefect")]

NAME = "bill-run/from-pages"
FORM = {"form": {"community": "翠湖花园", "month": "2026-11"}}


@pytest.fixture
def server(prefect_api):
    """The server with one deployment of the real flow."""
    from flows.bill_run import bill_run

    bill_run.from_source(source=".", entrypoint="flows/bill_run.py:bill_run").deploy(
        "from-pages", work_pool_name=pool(), build=False, push=False, print_next_steps=False
    )
    return FlowServer(prefect_api)


def pool() -> str:
    from prefect.client.schemas.actions import WorkPoolCreate

    with get_client(sync_client=True) as client:
        client.create_work_pool(WorkPoolCreate(name="pages", type="process"), overwrite=True)
    return "pages"


def test_a_key_starts_one_run_that_can_be_followed(server):
    found = server.deployment(NAME)
    assert "BillRunForm" in found.schema["definitions"]
    first, second = (
        runs.start(NAME, FORM, key="nonce", tags=["request:abc"], server=server) for _ in range(2)
    )
    assert first == second
    assert runs.state(first, server=server).name in ("Scheduled", "Late")
    with get_client(sync_client=True) as client:
        run = client.read_flow_run(first)
    assert run.parameters == FORM
    assert "request:abc" in run.tags
    assert server.artifacts(first) == []
    assert not server.resume(first), "it is not suspended"


def test_what_prefect_does_not_take_or_know_is_a_refusal(server):
    with pytest.raises(FlowsRefused):
        server.start(NAME, {"form": {"month": 11}}, key="wrong")
    with pytest.raises(DeploymentMissing):
        server.deployment("bill-run/never")
    nobody = "00000000-0000-0000-0000-000000000000"
    assert runs.state(nobody, server=server) is None
    assert not runs.wake_soon(nobody, server=server), "and that is not waited for"


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9/api"])
def test_a_server_that_is_away_is_said_to_be(url):
    with pytest.raises(FlowsUnreachable):
        FlowServer(url).states([NAME])
