"""Homes, and a database server that lives as long as the test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres
from gateway.settings import Settings


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As on a fresh machine: no WUYE_*, no PREFECT_*, no .env."""
    import os

    for name in [n for n in os.environ if n.startswith(("WUYE_", "PREFECT_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.at(tmp_path / "home").make()


@pytest.fixture
def config(home: Home) -> Settings:
    return Settings(home=home.root)


@pytest.fixture
def postgres(home: Home) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home)
    yield server
    server.stop()
