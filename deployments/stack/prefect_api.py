"""What the stack says to its Prefect server, over HTTP: `import prefect` alone costs seconds."""

import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from deployments.stack.automations import AUTOMATIONS
from deployments.stack.rest import HttpRefused, answers, call

POOL = "wuye"
LOST_TYPES = ["RUNNING", "PENDING", "CANCELLING"]
LOST_MESSAGE = "停机时还没有跑完，标为中断。可以放心重新运行。"
PAGE = 200


class PrefectApi:
    """A Prefect server's API, e.g. `PrefectApi("http://127.0.0.1:8601/api")`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def healthy(self) -> bool:
        """Does it serve?"""
        return answers(f"{self.url}/health")

    def ensure_pool(self, warm_socket: Path | None) -> None:
        """The process pool exists, and starts its runs from the warm interpreter if there is one."""
        template = job_template(warm_socket)
        pool = {"name": POOL, "type": "process", "base_job_template": template}
        try:
            self._post("/work_pools/", pool | {"description": "物业后台的全部流程"})
        except HttpRefused as refused:
            if refused.status != 409:
                raise
            call("PATCH", f"{self.url}/work_pools/{POOL}", {"base_job_template": template})

    def ensure_automations(self) -> None:
        """What the server does by itself, each once: they are found by their names."""
        for wanted in AUTOMATIONS:
            name = {"automations": {"name": {"any_": [wanted["name"]]}}}
            if found := self._post("/automations/filter", name):
                call("PUT", f"{self.url}/automations/{found[0]['id']}", wanted)
            else:
                self._post("/automations/", wanted)

    def crash_lost_runs(self) -> int:
        """End every run of the pool that is under way, when no worker is: how many there were.

        Their deployments' concurrency slots come back; a slot whose lease was lost, too. Flows
        that a command runs in its own process have no pool and are left alone.
        """
        ended = 0
        wanted = {
            "flow_runs": {"state": {"type": {"any_": LOST_TYPES}}},
            "work_pools": {"name": {"any_": [POOL]}},
            "limit": PAGE,
        }
        while runs := self._post("/flow_runs/filter", wanted):
            for run in runs:
                self._crash(run["id"])
            ended += len(runs)
        for limit in self._post("/v2/concurrency_limits/filter", {"limit": PAGE}):
            if limit["active_slots"] and limit["name"].startswith("deployment:"):
                path = f"/v2/concurrency_limits/{limit['id']}"
                call("PATCH", f"{self.url}{path}", {"active_slots": 0})
        return ended

    def worker_heard(self, since: datetime) -> bool:
        """Has a worker of the pool given a sign of life since then?"""
        try:
            workers = self._post(f"/work_pools/{POOL}/workers/filter", {})
        except (OSError, HttpRefused):
            return False
        beats = (worker["last_heartbeat_time"] for worker in workers)
        return any(datetime.fromisoformat(beat) >= since for beat in beats if beat)

    def deployments(self) -> list[dict[str, Any]]:
        """The pool's deployments, as Prefect keeps them."""
        wanted = {"work_pools": {"name": {"any_": [POOL]}}, "limit": PAGE}
        found: list[dict[str, Any]] = self._post("/deployments/filter", wanted)
        return found

    def start(self, deployment: str) -> bool:
        """Start `flow/name` now with its own parameters. Is there such a deployment?"""
        try:
            found = call("GET", f"{self.url}/deployments/name/{deployment}")
        except HttpRefused as refused:
            if refused.status != 404:
                raise
            return False
        state = {"type": "SCHEDULED", "message": "随系统启动"}
        self._post(f"/deployments/{found['id']}/create_flow_run", {"state": state})
        return True

    def delete_deployment(self, id_: str) -> None:
        """Remove it with its schedules."""
        call("DELETE", f"{self.url}/deployments/{id_}")

    def remember(self, name: str, value: str) -> None:
        """Keep a fact in Prefect's own database, as a variable."""
        try:
            self._post("/variables/", {"name": name, "value": value})
        except HttpRefused as refused:
            if refused.status != 409:
                raise
            call("PATCH", f"{self.url}/variables/name/{name}", {"value": value})

    def recall(self, name: str) -> str | None:
        """The fact, or None."""
        try:
            said: str = call("GET", f"{self.url}/variables/name/{name}")["value"]
        except HttpRefused as refused:
            if refused.status != 404:
                raise
            return None
        return said

    def _crash(self, run_id: str) -> None:
        state = {"type": "CRASHED", "name": "Crashed", "message": LOST_MESSAGE}
        self._post(f"/flow_runs/{run_id}/set_state", {"state": state, "force": True})

    def _post(self, path: str, body: Any) -> Any:
        return call("POST", self.url + path, body)


def job_template(warm_socket: Path | None) -> dict[str, Any]:
    """Prefect's own template for process pools; only the command's default is ours.

    A command that is set also spares each run a second interpreter, which Prefect would start
    to prepare a workspace.
    """
    cold = [sys.executable, "-m", "prefect.engine"]
    client = Path(__file__).resolve().parents[1] / "warm" / "client.py"
    warm = [sys.executable, "-I", "-S", str(client), str(warm_socket), "prefect.engine"]
    names = ("command", "env", "labels", "name", "stream_output", "working_dir")
    text = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    properties: dict[str, dict[str, Any]] = {
        "command": text | {"default": shlex.join(warm if warm_socket else cold)},
        "env": texts | {"additionalProperties": text},
        "labels": texts,
        "name": text | {"default": None},
        "stream_output": {"type": "boolean", "default": True},
        "working_dir": text | {"default": None},
    }
    return {
        "job_configuration": {name: f"{{{{ {name} }}}}" for name in names},
        "variables": {"type": "object", "properties": properties},
    }
