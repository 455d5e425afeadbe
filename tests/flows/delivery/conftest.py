"""One sandbox process for all tests here, and a rack of committed letters per test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from domain.vault import Vault
from tests.flows.delivery.rack import Rack
from tests.support.sandbox import SandboxServer


@pytest.fixture(scope="package")
def running() -> Iterator[SandboxServer]:
    """The process."""
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxServer) -> SandboxServer:
    """The sandbox with its office and nothing else."""
    running.reset()
    running.seed_office()
    return running


@pytest.fixture
def rack(engine: Engine, sandbox: SandboxServer, vault: Vault) -> Rack:
    """The post room and its rack."""
    return Rack(engine, sandbox, vault)
