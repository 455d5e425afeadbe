"""One Prefect server for all engine tests of a worker; flows commit into the worker's database."""

import os
from collections.abc import Iterator

import pytest
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.vault import Vault, new_key_setting
from flows import office as flow_office
from gateway.settings import settings
from tests.conftest import AT
from tests.factories.office import Office


@pytest.fixture(scope="session")
def prefect_api() -> Iterator[str]:
    """A real Prefect server. Without heartbeats a sync flow does not lose a second when it ends."""
    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        from prefect.settings import PREFECT_API_URL

        yield str(PREFECT_API_URL.value())


@pytest.fixture
def worker_environment(
    engine: Engine, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, str]]:
    """This process set up as a worker of the test database; the same settings for children."""
    mine = {
        "WUYE_DATABASE_URL": database_url,
        "WUYE_DATA_KEYS": new_key_setting(),
        "WUYE_SECRET_KEY": "made-for-this-test",
    }
    for name, value in mine.items():
        monkeypatch.setenv(name, value)
    for cached in (settings, flow_office.engine, flow_office.vault):
        cached.cache_clear()
    yield {**os.environ, **mine}
    flow_office.engine().dispose()
    for cached in (settings, flow_office.engine, flow_office.vault):
        cached.cache_clear()


@pytest.fixture
def committed(
    engine: Engine, worker_environment: dict[str, str]
) -> Iterator[Office]:
    """An office whose rows flows can see: commit with `committed.session.commit()`."""
    vault = Vault.from_setting(worker_environment["WUYE_DATA_KEYS"])
    with Session(engine, expire_on_commit=False) as session:
        office = Office(session, vault, at=AT)
        yield office
        session.rollback()
