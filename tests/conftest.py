"""Real PostgreSQL for every test: one embedded server per test run, one migrated database per worker."""

import gc
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.session import connect
from domain.vault import Vault, new_key_setting
from tests.factories.office import Office
from tests.support import database, sharing

AT = datetime(2026, 11, 1, 2, 0, tzinfo=UTC)

# A busy machine is slow without being wrong.
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> sharing.Pieces:
    """Files and groups of files, in the order below."""
    config.option.loadscopereorder = False
    return sharing.Pieces(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The order in which several processes take the tests; one alone takes them as they come."""
    if hasattr(config, "workerinput"):
        sharing.long_ones_first(items)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> Iterator[None]:
    """Where pieces are shared out, none comes back."""
    yield
    if "PYTEST_XDIST_WORKER" in os.environ and sharing.is_last_of_prefect(nextitem):
        sharing.PREFECT.close()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is imported now stays: the collector of garbage need not look at it, now or later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def database_url() -> Iterator[str]:
    """A fresh migrated database of this worker's own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "solo")
    with database.migrated(f"test_{worker}") as url:
        yield url


@pytest.fixture(scope="session")
def test_engine(database_url: str) -> Iterator[Engine]:
    """The worker's engine; use `session` or `engine` in tests."""
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(test_engine: Engine) -> Iterator[Session]:
    """A session whose work, commits included, is rolled back after the test."""
    with test_engine.connect() as connection:
        outer = connection.begin()
        with Session(
            connection, expire_on_commit=False, join_transaction_mode="create_savepoint"
        ) as session:
            yield session
        outer.rollback()


@pytest.fixture
def engine(test_engine: Engine) -> Iterator[Engine]:
    """An engine for tests that commit (two workers, kill -9); everything is emptied afterwards."""
    yield test_engine
    database.empty(test_engine)


@pytest.fixture(scope="session")
def data_keys() -> str:
    """Keys made for this run, as the setting holds them."""
    return new_key_setting()


@pytest.fixture(scope="session")
def vault(data_keys: str) -> Vault:
    """What seals and opens with them."""
    return Vault.from_setting(data_keys)


@pytest.fixture
def office(session: Session, vault: Vault) -> Office:
    """A small property company inside the rolled-back session."""
    return Office(session, vault, at=AT)
