"""Where access tokens are kept, so that threads and workers share one per app."""

import time
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Engine

from domain import clock
from domain.letters import tokens
from domain.session import transaction


class TokenStore(Protocol):
    """Tokens by app key. `ttl` is in seconds; a token past it is not given out."""

    def get(self, key: str) -> str | None:
        """The token that still holds, or None."""

    def set(self, key: str, value: str, ttl: int) -> None:
        """Keep a token for `ttl` seconds, in place of any other."""

    def delete(self, key: str) -> None:
        """Forget the token."""


class MemoryTokenStore:
    """For one process: tests and command-line tools."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, float]] = {}

    def get(self, key: str) -> str | None:
        """The token that still holds, or None."""
        value, until = self._kept.get(key, (None, 0.0))
        return value if time.monotonic() < until else None

    def set(self, key: str, value: str, ttl: int) -> None:
        """Keep a token for `ttl` seconds."""
        self._kept[key] = (value, time.monotonic() + ttl)

    def delete(self, key: str) -> None:
        """Forget the token."""
        self._kept.pop(key, None)


class DatabaseTokenStore:
    """Shared by all workers. Its own short transactions: a token outlives a rolled-back letter."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def get(self, key: str) -> str | None:
        """The token that still holds, or None."""
        with transaction(self._engine) as session:
            return tokens.load(session, app=key, at=clock.now())

    def set(self, key: str, value: str, ttl: int) -> None:
        """Keep a token for `ttl` seconds."""
        until = clock.now() + timedelta(seconds=ttl)
        with transaction(self._engine) as session:
            tokens.store(session, app=key, token=value, expires_at=until)

    def delete(self, key: str) -> None:
        """Forget the token."""
        with transaction(self._engine) as session:
            tokens.forget(session, app=key)
