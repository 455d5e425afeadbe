"""Starting and waking flows through Prefect's API: the one place outside flows and deployments.

Prefect's records are a view, not the ledger: callers commit their own rows first, and a lost run is
replaced by starting its deployment again.
"""

import time
from collections.abc import Sequence
from typing import Any

from gateway.flow_server import FlowServer, State

FALLING_ASLEEP_SECONDS = 5.0
"""A decision may come in the moment between a flow's last row and its suspension."""


def start(
    deployment: str,
    parameters: dict[str, Any],
    *,
    key: str,
    tags: Sequence[str] = (),
    server: FlowServer | None = None,
) -> str:
    """Start a deployment by name (`bill-run/monthly`); the same key gives the same run. Its id."""
    return _server(server).start(deployment, parameters, key=key, tags=tags)


def state(run_id: str, *, server: FlowServer | None = None) -> State | None:
    """Where a run stands; None when Prefect no longer knows it."""
    return _server(server).states([run_id]).get(run_id)


def wake_soon(
    run_id: str,
    *,
    within: float = FALLING_ASLEEP_SECONDS,
    server: FlowServer | None = None,
) -> bool:
    """Resume a run that is suspended or about to be; False when it has ended or is lost."""
    there = _server(server)
    last = time.monotonic() + within
    while True:  # a run it has forgotten Prefect answers with a crash, so look before asking
        now = state(run_id, server=there)
        if now is None or now.is_final():
            return False
        if now.is_paused() and there.resume(run_id):
            return True
        if time.monotonic() > last:
            return False
        time.sleep(0.2)


def carry_on_bill_run(
    *,
    run: int,
    waiting_run: str | None,
    community: str,
    month: str,
    tags: Sequence[str] = (),
    server: FlowServer | None = None,
) -> str:
    """After a decision: wake the suspended flow, or start the deployment anew if it was lost."""
    if waiting_run is not None and wake_soon(waiting_run, server=server):
        return waiting_run
    return start(
        "bill-run/monthly",
        {"form": {"community": community, "month": month}},
        key=f"bill-run {run} after decision, instead of {waiting_run}",
        tags=tags,
        server=server,
    )


def _server(given: FlowServer | None) -> FlowServer:
    return given or FlowServer.of_environment()
