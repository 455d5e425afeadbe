"""The post room: the two apps, the pace, and the rules of the house."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from datetime import time as day_time
from typing import Self

from sqlalchemy import Engine

from domain import clock
from domain.clock import SHANGHAI, local_day
from domain.history.actor import Actor
from gateway.settings import Settings
from gateway.wecom.apps import contact_app, staff_app
from gateway.wecom.client import WeComApp
from gateway.wecom.limits import MassPolicy, Rate, full, take
from gateway.wecom.tokens import DatabaseTokenStore

BY = Actor.clock("deliver-letters")
MORNING = day_time(9)


@dataclass(frozen=True)
class Rules:
    """How the post room works. Times of day are Shanghai's.

    No call starts later than `post_within` after letters were taken in hand; a call and its answer
    take less than what is then left of the `lease`. After `away_after` calls in a row that WeCom
    was too busy for or did not answer, it is WeCom that is away, and the channel rests.
    """

    batch: int = 128
    threads: int = 12
    lease: timedelta = timedelta(seconds=180)
    post_within: timedelta = timedelta(seconds=120)
    most_tries: int = 8
    away_after: int = 10
    looks: int = 500
    look_latest: timedelta = timedelta(hours=1)
    press_within: timedelta = timedelta(days=7)
    refused_pause: timedelta = timedelta(minutes=5)
    refused_pause_most: timedelta = timedelta(hours=1)
    digest_quiet: timedelta = timedelta(minutes=10)
    press_after: timedelta = timedelta(minutes=5)
    office_opens: day_time = day_time(8)
    office_closes: day_time = day_time(21)


class Pace:
    """Spreads the calls of all threads so that a limit per minute is kept."""

    def __init__(self, per_minute: int, now: Callable[[], datetime]) -> None:
        per_second = per_minute / 60
        self._rate = Rate(per_second, burst=max(1, int(per_second)))
        self._bucket = full(self._rate, at=now())
        self._now, self._lock = now, threading.Lock()

    def wait(self) -> None:
        """Return when one more call may be made."""
        with self._lock:
            self._bucket, pause = take(self._bucket, self._rate, at=self._now())
        if pause > timedelta():
            time.sleep(pause.total_seconds())


@dataclass
class PostRoom:
    """What every step of the delivery needs. `now` is the clock, which tests may turn."""

    engine: Engine
    settings: Settings
    to_staff: WeComApp
    to_owners: WeComApp
    rules: Rules = field(default_factory=Rules)
    now: Callable[[], datetime] = clock.now
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.settings.wecom_calls_per_minute, clock.now)

    @classmethod
    def open(cls, engine: Engine, settings: Settings, rules: Rules | None = None) -> Self:
        """The post room of these settings; NotConfigured when they name no WeCom app."""
        store = DatabaseTokenStore(engine)
        return cls(
            engine, settings, staff_app(settings, store), contact_app(settings, store),
            rules or Rules(),
        )  # fmt: skip

    @property
    def look_soonest(self) -> timedelta:
        """How soon a task is looked at again."""
        return timedelta(seconds=self.settings.mass_poll_seconds)

    @property
    def mass(self) -> MassPolicy:
        """How many mass messages one owner gets."""
        return MassPolicy(self.settings.wecom_mass_per_day, self.settings.wecom_mass_per_month)


def next_morning(at: datetime) -> datetime:
    """Tomorrow at nine, when a held letter is taken up again."""
    tomorrow = local_day(at) + timedelta(days=1)
    return datetime.combine(tomorrow, MORNING, SHANGHAI)
