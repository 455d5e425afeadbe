"""Ending processes that are not our children."""

import contextlib
import time
from collections.abc import Sequence

import psutil

LOOK_SECONDS = 0.03


def end(processes: Sequence[psutil.Process], *, grace: float) -> None:
    """Ask, and after `grace` seconds insist."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    for deaf in still_alive(processes, grace):
        with contextlib.suppress(psutil.NoSuchProcess):
            deaf.kill()
    still_alive(processes, grace)


def still_alive(processes: Sequence[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Wait for them; the answer is who remains.

    A zombie is gone: in a container nobody may collect it.
    """
    deadline = time.monotonic() + seconds
    while (alive := [p for p in processes if is_alive(p)]) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return alive


def is_alive(process: psutil.Process) -> bool:
    """Does it still do anything?"""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
