"""The whole stack, as an operator meets it: start, use, kill -9 of everything, start, stop."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import pytest

from deployments.stack import leftovers
from deployments.stack.databases import embedded_url
from deployments.stack.ending import is_alive, still_alive
from deployments.stack.home import Home, StackInfo, running
from deployments.stack.ports import Ports, is_free, some_free
from deployments.stack.postgres import EmbeddedPostgres
from deployments.stack.prefect_api import PrefectApi
from deployments.stack.rest import answers, call

PROJECT = Path(__file__).parents[2]
READY = "按 Ctrl-C 停止。"
LETTERS, INBOX = "deliver-letters/continuous", "inbox/continuous"
HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted"

pytestmark = [pytest.mark.stack, pytest.mark.timeout(560)]


def until(true: Callable[[], Any], seconds: float = 30) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)
    return found


class Operator:
    """Types commands in a folder of their own."""

    def __init__(self, home: Home) -> None:
        self.home = home
        base = next(p for p in (some_free() for _ in range(50)) if _all_free(p))
        self.ports = Ports.from_base(base)
        self.process: subprocess.Popen[str] | None = None

    def command(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "deployments.cli", *arguments],
            cwd=PROJECT,
            env={**os.environ, "WUYE_HOME": str(self.home.root)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def start(self) -> tuple[str, StackInfo]:
        """Up, until it says that it serves; what it said."""
        self.process = self.command("up", "--port", str(self.ports.gateway))
        assert self.process.stdout is not None
        lines: list[str] = []
        while READY not in (line := self.process.stdout.readline()):
            assert line, "".join(lines) + (self.process.communicate()[1] or "")
            lines.append(line)
        info = running(self.home)
        assert info is not None
        return "".join(lines), info

    def everything(self) -> list[psutil.Process]:
        """Every process of this stack, the database's too."""
        server = EmbeddedPostgres(self.home).postmaster()
        family = [server, *server.children()] if server else []
        assert self.process is not None
        return [psutil.Process(self.process.pid), *leftovers.find(self.home), *family]

    def kill_9(self) -> None:
        """All of it, at once, without a word."""
        for process in self.everything():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        assert self.process is not None
        self.process.communicate()


def _all_free(base: int) -> bool:
    return all(is_free(port) for port in range(base, base + 3))


@pytest.fixture
def operator(home: Home) -> Iterator[Operator]:
    someone = Operator(home)
    yield someone
    if someone.process and someone.process.poll() is None:
        someone.kill_9()
    leftovers.end_all(home)
    EmbeddedPostgres(home).stop()


def run_flow(api: PrefectApi, deployment: str) -> str:
    found = call("GET", f"{api.url}/deployments/name/{deployment}")
    made = call(
        "POST",
        f"{api.url}/deployments/{found['id']}/create_flow_run",
        {"state": {"type": "SCHEDULED"}},
    )
    return str(made["id"])


def state_of(api: PrefectApi, run: str) -> str:
    return str(call("GET", f"{api.url}/flow_runs/{run}")["state_type"])


def under_way(api: PrefectApi, deployment: str) -> list[str]:
    wanted = {
        "flow_runs": {"state": {"type": {"any_": ["RUNNING"]}}},
        "flows": {"name": {"any_": [deployment.partition("/")[0]]}},
        "deployments": {"name": {"any_": [deployment.partition("/")[2]]}},
    }
    return [run["id"] for run in call("POST", f"{api.url}/flow_runs/filter", wanted)]


def kill_9_of_its_process(home: Home, runs: list[str]) -> None:
    for process in leftovers.find_runs(home):
        if process.environ()[leftovers.RUN] in runs:
            process.kill()


def sql(home: Home, statement: str) -> None:
    connection = psycopg2.connect(embedded_url(home, "wuye"))
    with connection, connection.cursor() as cursor:
        cursor.execute(statement)
    connection.close()


def one(home: Home, database: str, question: str) -> Any:
    connection = psycopg2.connect(embedded_url(home, database))
    with connection, connection.cursor() as cursor:
        cursor.execute(question)
        found = cursor.fetchone()
    connection.close()
    return found and found[0]


def test_from_a_fresh_home_through_kill_9_to_an_orderly_stop(operator: Operator) -> None:
    home = operator.home
    _, info = operator.start()
    api = PrefectApi(info.urls["prefect_api"])
    assert answers(f"{info.urls['gateway']}/readyz")
    assert answers(f"{info.urls['sandbox']}/_sandbox/health")

    second = operator.command("up", "--port", str(some_free()))
    out, err = second.communicate(timeout=30)
    assert (second.returncode, out) == (2, "")
    assert f"已经有一套系统在运行：{info.urls['gateway']}" in err

    proof = run_flow(api, "ledger-check/nightly")
    until(lambda: state_of(api, proof) in {"COMPLETED", "FAILED", "CRASHED"}, 60)
    assert state_of(api, proof) == "COMPLETED"
    sender = until(lambda: under_way(api, LETTERS), 60)
    until(lambda: under_way(api, INBOX), 60)
    until(lambda: one(home, "wuye", HELD) >= 2, 60)  # both keepers have taken up their racks
    kill_9_of_its_process(home, sender)
    # Within seconds by the automation; Prefect's events may get lost, then by the schedule.
    sender = until(lambda: [run for run in under_way(api, LETTERS) if run not in sender], 330)
    sql(home, "INSERT INTO company (id, name) VALUES (7, '青山物业')")

    before = operator.everything()
    operator.kill_9()
    assert still_alive(before, 10) == []
    said, info = operator.start()
    assert "已标为中断" in said
    assert "流程没有变化" in said, "the second start registers nothing"
    assert [state_of(api, run) for run in sender] == ["CRASHED"] * len(sender)
    assert until(lambda: under_way(api, LETTERS), 60) != sender, "its place was given back"
    until(lambda: under_way(api, INBOX), 60)
    until(lambda: one(home, "wuye", HELD) >= 2, 60)

    everything = operator.everything()
    assert operator.process is not None
    operator.process.send_signal(signal.SIGTERM)
    out, err = operator.process.communicate(timeout=60)
    assert (operator.process.returncode, err) == (0, "")
    assert "已全部停止" in out
    assert [process for process in everything if is_alive(process)] == []
    assert _all_free(operator.ports.gateway)
    assert running(home) is None

    server = EmbeddedPostgres(home)
    server.ensure_running()
    assert one(home, "wuye", "SELECT name FROM company WHERE id = 7") == "青山物业"
    last = (
        "SELECT state_type FROM flow_run WHERE name = '投递消息' ORDER BY start_time DESC LIMIT 1"
    )
    ended = one(home, "prefect", last)
    assert ended == "CANCELLED", "an orderly stop is no crash"
    server.stop()
