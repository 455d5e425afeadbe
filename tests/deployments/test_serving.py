"""Ctrl-C, SIGTERM and a closed terminal: each stops the stack in order, and a second one too."""

import signal
from collections.abc import Callable
from types import TracebackType
from typing import Self

import pytest

from deployments.cli import serving
from deployments.cli.run import run


class Standing:
    """In the stack's place: starts nothing, hears one signal while it serves, one while it stops."""

    number = signal.SIGINT
    stopped = 0

    def __init__(self, *_: object, **__: object) -> None:
        self.urls = {"desk": "http://127.0.0.1:1/desk"}

    def __enter__(self) -> Self:
        return self

    def supervise(self, until: Callable[[], bool]) -> None:
        assert not until()
        signal.raise_signal(self.number)
        pytest.fail("it served on")

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        signal.raise_signal(self.number)
        Standing.stopped += 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_to_stop_is_an_orderly_one(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], number: signal.Signals
) -> None:
    monkeypatch.setattr(serving, "Stack", Standing)
    monkeypatch.setattr(Standing, "number", number)
    monkeypatch.setattr(Standing, "stopped", 0)
    before = signal.getsignal(number)
    assert run(["up"]) == 0
    said = capsys.readouterr()
    assert "http://127.0.0.1:1/desk" in said.out
    assert "已全部停止" in said.out
    assert (said.err, Standing.stopped) == ("", 1)
    assert signal.getsignal(number) == before
