"""Prefect's API as pages and commands need it: a handful of calls over plain HTTP.

Importing prefect would cost a page five seconds the first time and its process 100 MB for good.
The address and the key are Prefect's own variables, so that both sides mean the same server.
"""

import base64
import os
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import requests

from domain.errors import BackOfficeError, NotFound

PATIENCE_SECONDS = (3.05, 10.0)
KNOWN_SECONDS = 30.0
RESUMED = "ACCEPT"
MISSING = "后台还没有登记这个任务，请管理员重新登记（wuye flows register）"
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class FlowsUnreachable(BackOfficeError):
    """Nobody answers at PREFECT_API_URL."""

    code = "flows_unreachable"


class FlowsRefused(BackOfficeError):
    """Prefect does not take what we ask."""

    code = "flows_refused"


class DeploymentMissing(NotFound):
    """The deployment is not registered."""

    code = "deployment_missing"


@dataclass(frozen=True, slots=True)
class State:
    """Where a run stands: Prefect's type, its finer name, and what it said."""

    type: str
    name: str
    message: str

    def is_final(self) -> bool:
        """Whether nothing more will happen."""
        return self.type in FINAL

    def is_completed(self) -> bool:
        """Whether it ended well."""
        return self.type == "COMPLETED"

    def is_failed(self) -> bool:
        """Whether it said no."""
        return self.type == "FAILED"

    def is_crashed(self) -> bool:
        """Whether its process was lost."""
        return self.type == "CRASHED"

    def is_cancelled(self) -> bool:
        """Whether somebody stopped it."""
        return self.type == "CANCELLED"

    def is_paused(self) -> bool:
        """Whether it waits for a person."""
        return self.type == "PAUSED"


@dataclass(frozen=True, slots=True)
class Deployment:
    """A registered deployment: what it takes, and what it takes where nothing is said."""

    id: str
    schema: Mapping[str, Any]
    defaults: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Artifact:
    """A page a run left: `kind` is markdown, table or progress."""

    kind: str
    title: str
    data: Any


class FlowServer:
    """One Prefect server. Every call answers within seconds or raises FlowsUnreachable."""

    def __init__(self, url: str | None, authorization: str = "") -> None:
        self.url = (url or "").rstrip("/")
        self._headers = {"Authorization": authorization} if authorization else {}
        self._known: dict[str, tuple[float, Deployment]] = {}

    @classmethod
    def of_environment(cls) -> "FlowServer":
        """The server of PREFECT_API_URL."""
        basic, key = os.environ.get("PREFECT_API_AUTH_STRING"), os.environ.get("PREFECT_API_KEY")
        if basic:
            secret = f"Basic {base64.b64encode(basic.encode()).decode()}"
        else:
            secret = f"Bearer {key}" if key else ""
        return cls(os.environ.get("PREFECT_API_URL"), secret)

    def page_of(self, run_id: str) -> str:
        """A run in the Prefect UI, for people."""
        front = os.environ.get("PREFECT_UI_URL") or self.url.removesuffix("/api")
        return f"{front.rstrip('/')}/runs/flow-run/{run_id}"

    def deployment(self, name: str) -> Deployment:
        """A deployment by its name (`bill-run/monthly`), or DeploymentMissing."""
        asked_at, known = self._known.get(name, (0.0, None))
        if known is not None and time.monotonic() - asked_at < KNOWN_SECONDS:
            return known
        told = self._ask("GET", f"deployments/name/{name}")
        if told is None:
            raise DeploymentMissing(MISSING)
        found = Deployment(
            told["id"], told.get("parameter_openapi_schema") or {}, told.get("parameters") or {}
        )
        self._known[name] = time.monotonic(), found
        return found

    def start(
        self, name: str, parameters: Mapping[str, Any], *, key: str, tags: Sequence[str] = ()
    ) -> str:
        """Start a deployment; the same key gives the same run. Its id."""
        found = self.deployment(name)
        sent = {
            "parameters": {**found.defaults, **parameters},
            "idempotency_key": key,
            "tags": list(tags),
            "state": {"type": "SCHEDULED"},
        }
        told = self._ask("POST", f"deployments/{found.id}/create_flow_run", sent)
        if told is None:
            self._known.pop(name, None)
            raise DeploymentMissing(MISSING)
        return str(told["id"])

    def states(self, run_ids: Collection[str]) -> dict[str, State]:
        """Where runs stand, asked at once; a run that Prefect has forgotten is not among them."""
        if not run_ids:
            return {}
        wanted = {"flow_runs": {"id": {"any_": list(run_ids)}}, "limit": len(run_ids)}
        told = self._ask("POST", "flow_runs/filter", wanted)
        return {one["id"]: _state(one.get("state") or {}) for one in told}

    def resume(self, run_id: str) -> bool:
        """Wake a suspended run; False when it is not suspended (woken before, ended or lost)."""
        told = self._ask("POST", f"flow_runs/{UUID(run_id)}/resume", {})
        # Prefect answers 200 with ABORT or REJECT inside when nothing was resumed.
        return told is not None and told["status"] == RESUMED

    def artifacts(self, run_id: str) -> list[Artifact]:
        """What a run left for people, oldest first."""
        wanted = {
            "artifacts": {"flow_run_id": {"any_": [run_id]}}, "sort": "CREATED_DESC", "limit": 50,
        }  # fmt: skip
        told = self._ask("POST", "artifacts/filter", wanted)
        return [
            Artifact(one.get("type") or "", one.get("description") or "", one.get("data"))
            for one in reversed(told)
        ]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """The answer; None where there is no such thing."""
        if not self.url:
            raise FlowsUnreachable("没有设置后台任务服务的地址（PREFECT_API_URL）")
        try:
            with requests.Session() as http:
                http.trust_env = False
                answer = http.request(
                    method, f"{self.url}/{path}", json=body, headers=self._headers,
                    timeout=PATIENCE_SECONDS, allow_redirects=False,
                )  # fmt: skip
        except requests.RequestException:
            raise FlowsUnreachable("后台任务服务现在连不上") from None
        if answer.status_code == 404:
            return None
        if answer.status_code >= 500:
            raise FlowsUnreachable("后台任务服务现在出错了")
        if answer.status_code >= 300:
            raise FlowsRefused("后台没有接受这次任务", status=answer.status_code)
        return answer.json()


def _state(told: Mapping[str, Any]) -> State:
    return State(told.get("type") or "", told.get("name") or "", told.get("message") or "")
