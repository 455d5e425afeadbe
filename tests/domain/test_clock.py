"""The month of a run is Shanghai's, whatever the host's zone and however close to midnight."""

import os
import time
from datetime import UTC, date, datetime

import pytest

from domain import clock
from flows.bill_run import BillRunForm, month_of


@pytest.fixture(params=["UTC", "Asia/Shanghai", "America/Los_Angeles"])
def host(request, monkeypatch):
    """A host in another zone."""
    monkeypatch.setitem(os.environ, "TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 10, 31, 15, 59, 59, tzinfo=UTC), date(2026, 10, 31)),
        (datetime(2026, 10, 31, 16, 0, tzinfo=UTC), date(2026, 11, 1)),
        (datetime(2026, 10, 31, 16, 5, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_a_run_at_five_past_midnight_bills_the_new_month(host, monkeypatch, at, day):
    monkeypatch.setattr(clock, "now", lambda: at)
    assert clock.today() == clock.local_day(at) == day
    assert month_of(BillRunForm()) == f"{day:%Y-%m}"
    assert clock.start_of(day) <= at < clock.end_of(day)
