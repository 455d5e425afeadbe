"""The back room: what every step of handling the inbox needs."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

from sqlalchemy import Engine

from domain import clock
from domain.history.actor import Actor
from domain.vault import Vault
from gateway.settings import Settings
from gateway.wecom.apps import contact_app, staff_app
from gateway.wecom.client import WeComApp
from gateway.wecom.tokens import DatabaseTokenStore

BY = Actor.clock("inbox")
KEEPER = 7_031_502
"""The advisory lock of the one process that handles the inbox of a database."""


@dataclass(frozen=True)
class Rules:
    """How the back room works.

    A fault of our own is tried `most_tries` times; nothing is begun more often than `most_starts`,
    whatever ended it: an event that ends the whole process must not do so for ever.
    """

    batch: int = 20
    lease: timedelta = timedelta(seconds=120)
    most_tries: int = 5
    most_starts: int = 40


@dataclass
class BackRoom:
    """`now` is the clock, which tests may turn. `synced_at`: when all contacts were last read."""

    engine: Engine
    vault: Vault
    app: WeComApp
    to_owners: WeComApp
    rules: Rules = field(default_factory=Rules)
    now: Callable[[], datetime] = clock.now
    synced_at: datetime | None = None

    @classmethod
    def open(cls, engine: Engine, vault: Vault, settings: Settings) -> Self:
        """The back room of these settings; NotConfigured when they name no WeCom app."""
        store = DatabaseTokenStore(engine)
        return cls(engine, vault, staff_app(settings, store), contact_app(settings, store))
