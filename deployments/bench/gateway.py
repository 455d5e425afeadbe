"""A gateway process of a benchmark's own, as the stack starts it."""

import os
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deployments.stack.environment import PROJECT
from deployments.stack.parts import gateway_command
from deployments.stack.ports import LOOPBACK, some_free
from deployments.stack.rest import answers

START_SECONDS = 60.0


@contextmanager
def gateway(url: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Its address; it serves the database at `url` with these further settings."""
    port = some_free()
    base = f"http://{LOOPBACK}:{port}"
    known = {**os.environ, "WUYE_BASE_URL": base, **settings, "WUYE_DATABASE_URL": url}
    child = subprocess.Popen(
        gateway_command(LOOPBACK, port),
        cwd=PROJECT, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{base}/healthz"):
            if child.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the gateway did not start")
            time.sleep(0.05)
        yield base
    finally:
        child.terminate()
        child.wait(10)
