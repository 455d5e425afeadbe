"""Prefect as pages know it, without a server: what it would answer, kept in memory.

Only the wire is replaced: reading answers, keys and states is the product's own.
"""

import json
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from gateway.flow_server import FlowServer, FlowsRefused, FlowsUnreachable


def model(name: str, **properties: Any) -> dict[str, Any]:
    """A deployment that takes one pydantic model called `form`."""
    required = [key for key, told in properties.items() if "default" not in told]
    inner = {"title": name, "type": "object", "properties": properties, "required": required}
    return {
        "type": "object", "title": "Parameters", "definitions": {name: inner},
        "properties": {"form": {"$ref": f"#/definitions/{name}", "title": "form", "position": 0}},
    }  # fmt: skip


BILL_RUN = model(
    "BillRunForm",
    community={"default": "", "title": "小区", "type": "string", "position": 0,
               "description": "小区名称；不填则为每个小区各开一批"},
    month={"default": "", "title": "账期", "type": "string", "position": 1, "maxLength": 12,
           "description": "账单所属月份，如 2026-11；不填为本月"},
)  # fmt: skip
DELIVER = model(
    "DeliverForm",
    once={"default": False, "title": "只投递一次", "type": "boolean",
          "description": "发完现在能发的就结束；不选则一直运行，有消息马上发"},
    hours={"default": 24, "title": "运行多少小时", "type": "integer", "minimum": 1, "maximum": 168,
           "description": "到时结束，由定时新开的一次接替"},
)  # fmt: skip
SYNC = model(
    "SyncForm",
    preview={"default": False, "title": "只看不改", "type": "boolean",
             "description": "列出会有什么变化，不改任何员工"},
    force={"default": False, "title": "强制执行", "type": "boolean",
           "description": "即使超过三分之一的人会离开也执行；请先用「只看不改」确认"},
)  # fmt: skip
NOTHING: dict[str, Any] = {"type": "object", "properties": {}, "definitions": {}}
SCHEMAS = {
    "bill-run/monthly": BILL_RUN,
    "deliver-letters/continuous": DELIVER,
    "ledger-check/nightly": NOTHING,
    "owner-import/on-demand": NOTHING,
    "staff-sync/nightly": SYNC,
}


class FlowsTold(FlowServer):
    """`runs` are those started, by id; set their `state` and give them artifacts; `away`, `picky`."""

    def __init__(self) -> None:
        super().__init__("http://flows.test/api")
        self.runs: dict[str, dict[str, Any]] = {}
        self.pages: list[dict[str, Any]] = []
        self.resumed: list[str] = []
        self.away = self.picky = False
        self.asked = 0

    def told(self, run_id: str, kind: str, name: str = "", message: str = "") -> None:
        """From now on a run stands there."""
        self.runs[run_id]["state"] = {"type": kind, "name": name or kind, "message": message}

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        self.asked += 1
        if self.away:
            raise FlowsUnreachable("后台任务服务现在连不上")
        match path.split("/"):
            case ["deployments", "name", *name]:
                schema = SCHEMAS.get("/".join(name))
                return schema and {"id": "/".join(name), "parameter_openapi_schema": schema}
            case ["deployments", *name, "create_flow_run"]:
                return self._started("/".join(name), body)
            case ["flow_runs", "filter"]:
                wanted = body["flow_runs"]["id"]["any_"]
                return [self.runs[one] for one in wanted if one in self.runs]
            case ["flow_runs", run_id, "resume"]:
                self.resumed.append(run_id)
                self.told(run_id, "SCHEDULED")
                return {"status": "ACCEPT"}
        assert path == "artifacts/filter", path
        return list(reversed(self.pages))

    def _started(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        if self.picky:
            raise FlowsRefused("后台没有接受这次任务", status=409)
        for run in self.runs.values():
            if (run["deployment"], run["key"]) == (name, body["idempotency_key"]):
                return run
        run = {
            "id": str(uuid.uuid4()), "deployment": name, "key": body["idempotency_key"],
            "parameters": body["parameters"], "tags": body["tags"],
            "state": {"type": "SCHEDULED", "name": "Scheduled"},
        }  # fmt: skip
        return self.runs.setdefault(run["id"], run)


@contextmanager
def over_http(flows: FlowsTold) -> Iterator[str]:
    """The same over real HTTP; the address for PREFECT_API_URL."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            told = flows._ask(self.command, self.path.removeprefix("/api/"), body)
            self.send_response(404 if told is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_facts: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api"
    server.shutdown()
    thread.join(10)
    server.server_close()
