"""An office that commands can see."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain.vault import Vault
from tests.conftest import AT
from tests.deployments.cli.commanding import Wuye, commands
from tests.factories.office import Office


@pytest.fixture
def shop(engine: Engine, database_url: str, vault: Vault, tmp_path: Path) -> Iterator[Office]:
    """Rows that commands see after `shop.session.commit()`."""
    with commands(database_url, tmp_path / "home"), Session(engine, expire_on_commit=False) as s:
        yield Office(s, vault, at=AT)
        s.rollback()


@pytest.fixture
def wuye(capsys: pytest.CaptureFixture[str]) -> Wuye:
    return Wuye(capsys)
