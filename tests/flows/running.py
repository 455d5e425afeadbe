"""Running the bill-run flow in processes of their own, as workers do: forked warm, killed for real."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import requests
from sqlalchemy import Engine, text

from tests.support.plain import plain

PROJECT = Path(__file__).parents[2]
CLIENT = PROJECT / "deployments" / "warm" / "client.py"
RUN = "tests.flows.run_bill_run"


@contextmanager
def warm(socket: Path, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """The warm interpreter that runs are forked from, each in an environment of its own."""
    server = subprocess.Popen(
        [sys.executable, "-m", "deployments.warm.server", str(socket)],
        env=environment, cwd=PROJECT,
    )  # fmt: skip
    try:
        until(socket.exists, what="the warm interpreter")
        yield psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait(30)


class Workers:
    """The flow runs of one test, forked from the warm interpreter."""

    def __init__(self, socket: Path, server: psutil.Process, environment: dict[str, str]) -> None:
        self._socket, self._server, self._environment = socket, server, environment

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        """One more run of the flow; `more` is environment of its own."""
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(CLIENT), str(self._socket), RUN],
            env={**self._environment, **more}, cwd=PROJECT,
        )  # fmt: skip

    def run_to_the_end(self, **more: str) -> None:
        """The flow until it ends well."""
        assert self.start(**more).wait(120) == 0

    def kill(self, run: subprocess.Popen[bytes]) -> None:
        """End every flow process with kill -9, in the middle of whatever it does."""
        self.stop()
        run.kill()  # where the code was edited meanwhile, it runs cold, in this very process
        run.wait(30)

    def stop(self) -> None:
        """End what is still running."""
        for process in self._server.children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                process.kill()


def blocked(engine: Engine, *, at_least: int = 1) -> bool:
    """Does somebody wait for a lock in this database?"""
    return _others(engine, "wait_event_type = 'Lock'") >= at_least


def alone(engine: Engine) -> bool:
    """Has nobody else a transaction open in this database?"""
    return _others(engine, "xact_start IS NOT NULL") == 0


def _others(engine: Engine, condition: str) -> int:
    with engine.connect() as connection:
        count = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                f" AND backend_type = 'client backend' AND {condition}"
            )
        )
    return int(count or 0)


def until(happened: Callable[[], bool], seconds: float = 60, *, what: str = "it") -> None:
    """Wait for something others do; fail when it takes too long."""
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, f"{what} never happened"
        time.sleep(0.05)


def told_by_prefect(url: str) -> Iterator[str]:
    """What Prefect keeps of the latest runs, their steps, and what they left."""
    latest = "EXPECTED_START_TIME_DESC"
    for what, sort in (("flow_runs", latest), ("task_runs", latest), ("artifacts", "CREATED_DESC")):
        answer = requests.post(f"{url}/{what}/filter", json={"sort": sort}, timeout=30)
        answer.raise_for_status()
        yield plain(answer.text)
