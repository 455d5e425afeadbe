"""Running the bill-run flow in processes of their own, as workers do."""

import subprocess
import sys
import time
from collections.abc import Callable

from sqlalchemy import Engine, text

RUN = (
    "from flows.bill_run import BillRunForm, bill_run;"
    "bill_run(BillRunForm(community='翠湖花园', month='2026-11'))"
)


def start(environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """The flow in a process of its own."""
    return subprocess.Popen([sys.executable, "-c", RUN], env=environment)


def run_to_the_end(environment: dict[str, str]) -> None:
    """The flow until it ends well."""
    subprocess.run([sys.executable, "-c", RUN], env=environment, check=True, timeout=120)


def blocked(engine: Engine, *, at_least: int = 1) -> bool:
    """Does somebody wait for a lock in this database?"""
    with engine.connect() as connection:
        waiting = connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
        )
    return int(waiting or 0) >= at_least


def until(happened: Callable[[], bool], seconds: float = 60, *, what: str = "it") -> None:
    """Wait for something others do; fail when it takes too long."""
    last = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < last, f"{what} never happened"
        time.sleep(0.05)
