"""One Prefect server for all engine tests of a worker; flows commit into the worker's database."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    temporary_settings,
)
from pydantic import SecretStr
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from deployments.stack import prefect_api as serving
from domain.vault import Vault, new_key_setting
from flows import office as flow_office
from gateway.settings import Settings, settings
from tests.conftest import AT
from tests.factories.office import Office
from tests.flows.running import Workers, warm
from tests.support import sharing


@pytest.fixture(scope="session")
def prefect_server(
    database_url: str, data_keys: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The product's own Prefect server, in a home of its own, with a database beside the worker's.

    It ends after the last test of its group: an idle one takes a tenth of a core.
    """
    config = Settings(
        home=tmp_path_factory.mktemp("prefect"), database_url=database_url,
        data_keys=SecretStr(data_keys), secret_key=SecretStr("made-for-these-tests"),
    )  # fmt: skip
    yield sharing.PREFECT.enter_context(serving(config))
    sharing.PREFECT.close()


@pytest.fixture
def prefect_api(prefect_server: str) -> Iterator[str]:
    """The server's address, which the test's own flows know too.

    Without heartbeats a sync flow does not lose a second when it ends.
    """
    with temporary_settings(
        {
            PREFECT_API_URL: prefect_server,
            PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
            PREFECT_LOGGING_TO_API_ENABLED: False,
        }
    ):
        yield prefect_server


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
def committed(engine: Engine, worker_environment: dict[str, str]) -> Iterator[Office]:
    """An office whose rows flows can see: commit with `committed.session.commit()`."""
    vault = Vault.from_setting(worker_environment["WUYE_DATA_KEYS"])
    with Session(engine, expire_on_commit=False) as session:
        office = Office(session, vault, at=AT)
        yield office
        session.rollback()


@pytest.fixture(scope="session")
def warm_interpreter(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Path, psutil.Process]]:
    """Where it listens, and its process; it ends as the Prefect server does."""
    socket = tmp_path_factory.mktemp("warm") / "s"
    yield socket, sharing.PREFECT.enter_context(warm(socket, {**os.environ}))
    sharing.PREFECT.close()


@pytest.fixture
def workers(
    warm_interpreter: tuple[Path, psutil.Process],
    worker_environment: dict[str, str],
    prefect_api: str,
) -> Iterator[Workers]:
    """Processes that run flows against the worker's database."""
    pool = Workers(*warm_interpreter, {**worker_environment, "PREFECT_API_URL": prefect_api})
    yield pool
    pool.stop()
