"""What Prefect's server says of the runs, and the processes that execute them."""

import uuid
from collections.abc import Set as AbstractSet

from deployments.stack import leftovers
from deployments.stack.rest import call
from tests.scenes import books
from tests.scenes.terminal import Terminal, until

LETTERS, INBOX = "deliver-letters/continuous", "inbox/continuous"
HELD = "SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND granted"


def to_the_end(terminal: Terminal, deployment: str) -> str:
    """One more run, asked for by an operator; the state it ends in."""
    found = call("GET", f"{_api(terminal)}/deployments/name/{deployment}")
    asked = {"idempotency_key": str(uuid.uuid4()), "state": {"type": "SCHEDULED"}}
    path = f"{_api(terminal)}/deployments/{found['id']}/create_flow_run"
    run = call("POST", path, asked)["id"]

    def ended() -> str | None:
        said = state(terminal, run)
        return said if said not in ("SCHEDULED", "PENDING", "RUNNING") else None

    return str(until(ended, f"{deployment} ends"))


def state(terminal: Terminal, run: str) -> str:
    """What became of a run so far."""
    return str(call("GET", f"{_api(terminal)}/flow_runs/{run}")["state_type"])


def under_way(terminal: Terminal, deployment: str) -> set[str]:
    """The runs of a deployment that are running."""
    flow, _, name = deployment.partition("/")
    wanted = {
        "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}},
        "flows": {"name": {"any_": [flow]}},
        "deployments": {"name": {"any_": [name]}},
    }
    return {run["id"] for run in call("POST", f"{_api(terminal)}/flow_runs/filter", wanted)}


def keepers(terminal: Terminal, *, after: AbstractSet[str] = frozenset()) -> set[str]:
    """The run that sends letters, once both that never end are at work with their racks in hand.

    `after` are runs that are no more, whatever Prefect still says of them.
    """
    sender: set[str] = until(lambda: under_way(terminal, LETTERS) - after, "a sender is at work")
    until(lambda: under_way(terminal, INBOX), "the inbox is looked after")
    until(lambda: books.ask(terminal.home, HELD)[0]["held"] >= 2, "both racks are held")
    return sender


def kill_9(terminal: Terminal, runs: set[str]) -> None:
    """The processes of these runs."""
    for process in leftovers.find_runs(terminal.home):
        if process.environ()[leftovers.RUN] in runs:
            process.kill()


def _api(terminal: Terminal) -> str:
    return f"{terminal.ports.prefect_url}/api"
