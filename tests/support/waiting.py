"""Waiting for what another transaction does."""

import time

import pytest
from sqlalchemy import Engine, text


def wait_until_somebody_waits(engine: Engine) -> None:
    """Until a transaction of this database stands in line for a lock."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with engine.connect() as look:
            waiting = look.scalar(text(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE wait_event_type = 'Lock' AND datname = current_database()"))  # fmt: skip
        if waiting:
            return
        time.sleep(0.01)
    pytest.fail("nobody waits")
