"""A gateway process of a benchmark's own, as the stack starts it."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from deployments.stack.environment import PROJECT
from deployments.stack.ports import LOOPBACK, some_free
from deployments.stack.rest import answers

START_SECONDS = 60.0


@contextmanager
def gateway(url: str, settings: Mapping[str, str]) -> Iterator[str]:
    """Its address; it serves the database at `url` with these further settings."""
    port = some_free()
    base = f"http://{LOOPBACK}:{port}"
    run = [sys.executable, "-m", "uvicorn", "gateway.web.app:create_app", "--factory"]
    run += ["--host", LOOPBACK, "--port", str(port), "--no-access-log"]
    known = {**os.environ, "WUYE_BASE_URL": base, **settings, "WUYE_DATABASE_URL": url}
    child = subprocess.Popen(
        run, cwd=PROJECT, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
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
