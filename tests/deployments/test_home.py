"""One stack per home, and ports somebody else has."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from deployments.stack.errors import HomeUnusable, PortTaken, StackRunning
from deployments.stack.home import Home, StackInfo, held, running
from deployments.stack.ports import Ports, is_free, require_free, some_free

INFO = StackInfo(41, "/h", "2026-11-23T00:00:00+00:00", {"gateway": "http://127.0.0.1:8600"}, {})

HOLD = """
import sys
from pathlib import Path
from deployments.stack.home import Home, StackInfo, held
home = Home.at(Path(sys.argv[1]))
with held(home):
    StackInfo(41, str(home.root), "", {"gateway": "http://127.0.0.1:8600"}, {}).write(home)
    print("held", flush=True)
    sys.stdin.read()
"""


def test_nobody_runs_on_a_fresh_home(tmp_path: Path) -> None:
    assert running(tmp_path / "nothing") is None


def test_while_it_is_held_others_are_told_where_it_runs(home: Home) -> None:
    with held(home):
        INFO.write(home)
        seen = running(home)
        with pytest.raises(StackRunning) as refused, held(home):
            pass
    assert seen == INFO
    assert "http://127.0.0.1:8600" in refused.value.message
    assert running(home) is None
    with held(home):
        pass


def test_a_killed_stack_holds_nothing(home: Home) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home.root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    assert running(home) is not None
    holder.kill()
    holder.communicate()
    assert home.info.exists(), "nobody tidied up"
    assert running(home) is None


def test_a_home_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(HomeUnusable) as refused:
        Home.at(tmp_path / "file" / "home").make()
    assert "WUYE_HOME" in refused.value.message


def test_a_taken_port_is_named_with_a_way_out() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not is_free(port)
        with pytest.raises(PortTaken) as refused:
            require_free(some_free(), port)
    assert str(port) in refused.value.message
    assert "--port" in refused.value.message


def test_the_three_ports_follow_each_other() -> None:
    at = Ports.from_base(8600)
    assert (at.gateway, at.prefect, at.sandbox) == (8600, 8601, 8602)
