"""Commands against the tests' database: the office is committed, answers are JSON."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from deployments.cli.run import run
from domain.vault import new_key_setting
from gateway.settings import settings


@contextmanager
def commands(database_url: str, home: Path) -> Iterator[None]:
    """Settings of an installation whose business database is the tests'."""
    before = dict(os.environ)
    os.environ |= {
        "WUYE_HOME": str(home), "WUYE_DATABASE_URL": database_url,
        "WUYE_DATA_KEYS": new_key_setting(), "WUYE_SECRET_KEY": "made-for-this-test",
    }  # fmt: skip
    settings.cache_clear()
    yield
    os.environ.clear()
    os.environ |= before
    settings.cache_clear()


class Wuye:
    """`wuye ... --json`, as (exit code, object)."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> tuple[int, Any]:
        code = run([*map(str, arguments), "--json"])
        return code, json.loads(self._capsys.readouterr().out)

    def refused(self, *arguments: object) -> tuple[str, str]:
        """The code and the sentence of a refusal."""
        code, told = self(*arguments)
        assert code == 2, told
        return told["error"]["code"], told["error"]["message"]
