"""Starting and waking flows through Prefect's API: the one place outside flows and deployments.

Prefect's records are a view, not the ledger: callers commit their own rows first, and a lost run is
replaced by starting its deployment again.
"""

import time
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import State
from prefect.deployments import run_deployment
from prefect.exceptions import ObjectNotFound

FALLING_ASLEEP_SECONDS = 5.0
"""A decision may come in the moment between a flow's last row and its suspension."""


def start(deployment: str, parameters: dict[str, Any], *, key: str) -> str:
    """Start a deployment by name (`bill-run/monthly`); the same key gives the same run. Its id."""
    run: Any = run_deployment(
        deployment, parameters=parameters, idempotency_key=key, timeout=0, as_subflow=False
    )
    return str(run.id)


def state(run_id: str) -> State[Any] | None:
    """Where a run stands; None when Prefect no longer knows it."""
    with _client() as client:
        try:
            return client.read_flow_run(UUID(run_id)).state
        except ObjectNotFound:
            return None


def wake(run_id: str) -> bool:
    """Resume a suspended run; False when it is not suspended (woken before, failed or lost)."""
    with _client() as client:
        try:
            answer = client.resume_flow_run(UUID(run_id))
        except ObjectNotFound:
            return False
    # Prefect answers 200 with ABORT or REJECT inside when nothing was resumed.
    return answer.status.value == "ACCEPT"


def wake_soon(run_id: str, *, within: float = FALLING_ASLEEP_SECONDS) -> bool:
    """Resume a run that is suspended or about to be; False when it has ended or is lost."""
    last = time.monotonic() + within
    while not wake(run_id):
        now = state(run_id)
        if now is None or now.is_final() or time.monotonic() > last:
            return False
        time.sleep(0.2)
    return True


def carry_on_bill_run(*, run: int, waiting_run: str | None, community: str, month: str) -> str:
    """After a decision: wake the suspended flow, or start the deployment anew if it was lost."""
    if waiting_run is not None and wake_soon(waiting_run):
        return waiting_run
    return start(
        "bill-run/monthly",
        {"form": {"community": community, "month": month}},
        key=f"bill-run {run} after decision, instead of {waiting_run}",
    )


def _client() -> SyncPrefectClient:
    return get_client(sync_client=True)
