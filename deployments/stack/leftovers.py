"""Processes of a stack that was killed: found by the mark they carry, ended before a new start."""

import os

import psutil

from deployments.stack.ending import end
from deployments.stack.environment import MARK
from deployments.stack.home import Home

RUN = "PREFECT__FLOW_RUN_ID"
GRACE_SECONDS = 3.0
RUN_GRACE_SECONDS = 12.0
"""A run has things to put away and a server to tell; on a busy machine that takes a while."""


def find(home: Home) -> list[psutil.Process]:
    """Live processes that some stack of exactly this home started, flow runs included.

    The mark is in the environment they were started with, so a reused process number, or a
    process of another home or user, is never taken for ours.
    """
    near = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    marked = (p for p in psutil.process_iter() if _environment(p).get(MARK) == str(home.root))
    return [process for process in marked if process.pid not in near]


def find_runs(home: Home) -> list[psutil.Process]:
    """Those of them that execute a flow run."""
    return [process for process in find(home) if RUN in _environment(process)]


def end_all(home: Home) -> int:
    """End whatever is left of this home's stack; the answer is how many there were."""
    found = find(home)
    end(found, grace=GRACE_SECONDS)
    return len(found)


def end_runs(home: Home) -> None:
    """Ask the flow runs to end, which they report to Prefect themselves."""
    end(find_runs(home), grace=RUN_GRACE_SECONDS)


def _environment(process: psutil.Process) -> dict[str, str]:
    try:
        return process.environ()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return {}
