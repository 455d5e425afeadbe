"""What a command needs to act: the database, the settings with the stack's secrets, the keys."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine

from deployments.stack.database import ensure_database
from deployments.stack.environment import adopt
from domain.session import connect
from domain.vault import Vault
from gateway.settings import Settings, settings


@dataclass(frozen=True)
class OpenOffice:
    """A command's desk. `settings` holds the generated secrets too."""

    engine: Engine
    settings: Settings
    vault: Vault


@contextmanager
def open_office(config: Settings | None = None) -> Iterator[OpenOffice]:
    """The office beside a running stack, or with the embedded database started for this command.

    Takes the stack's environment into this process, so that flows called here see the same.
    """
    given = config or settings()
    url = ensure_database(given)
    known = adopt(given)
    assert known.data_keys is not None, "adopt() makes or requires them"
    engine = connect(url)
    try:
        yield OpenOffice(engine, known, Vault.from_setting(known.data_keys.get_secret_value()))
    finally:
        engine.dispose()
