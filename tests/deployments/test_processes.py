"""Children of a stack: started again, ended with their parent, found after a kill -9."""

import io
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from deployments.cli.telling import Telling
from deployments.stack import leftovers
from deployments.stack.child import Child
from deployments.stack.console import Console
from deployments.stack.ending import is_alive, still_alive
from deployments.stack.environment import MARK
from deployments.stack.errors import PartFailed
from deployments.stack.home import Home
from deployments.stack.parts import Parts
from deployments.stack.ports import Ports
from deployments.stack.stack import Stack
from domain.errors import BackOfficeError
from gateway.settings import Settings

PROJECT = Path(__file__).parents[2]
SLEEP = [sys.executable, "-c", "import time; print('here', flush=True); time.sleep(100)"]


def until(true: Callable[[], object], seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def child(home: Home, command: list[str], ready: Callable[[], bool] = lambda: True) -> Child:
    return Child("part", "试验进程", command, {MARK: str(home.root)}, home, ready)


def test_what_dies_is_started_again_at_once_and_then_with_patience(home: Home) -> None:
    part = child(home, [sys.executable, "-c", "raise SystemExit(3)"])
    part.start()
    until(lambda: part.ended() == 3)
    assert part.revive() == 0
    until(lambda: part.ended() == 3)
    assert part.revive() is None, "the second time it waits"
    until(lambda: part.revive() == 1)
    part.stopped(time.monotonic())


def test_a_dead_worker_is_started_again_once_its_server_serves(
    config: Settings, home: Home
) -> None:
    served = False
    stack = Stack(config, console=Console(io.StringIO()))
    stack.environment = {"PREFECT_API_URL": "http://127.0.0.1:9/api"}  # where nobody listens
    server = child(home, SLEEP, ready=lambda: served)
    worker = child(home, ["/bin/false"])
    worker.name = "worker"
    stack.children = {"prefect": server, "worker": worker}
    server.start()
    worker.start()
    until(lambda: worker.ended() == 1)
    worker.command = SLEEP
    looks = iter(range(2))
    stack.supervise(lambda: next(looks, None) is None)
    assert worker.ended() == 1, "without a server it has nothing to do"
    served = True
    stack.supervise(lambda: worker.ended() is None)
    for part in (server, worker):
        part.stopped(time.monotonic())


TELLERS = {
    "told": 'print(\'{"step": "一"}\'); print(\'{"summary": []}\')',
    "refused": 'print(\'{"refused": {"code": "x", "message": "不行"}}\')',
    "broken": "raise SystemExit('no such luck')",
    "endless": "import time; time.sleep(100)",
}


@pytest.mark.parametrize(
    ("teller", "code", "words"),
    [("told", "", ""), ("refused", "x", "不行"), ("broken", "part_failed", "no such luck")],
)
def test_the_demo_is_told_by_a_process_of_its_own(
    config: Settings,
    home: Home,
    monkeypatch: pytest.MonkeyPatch,
    teller: str,
    code: str,
    words: str,
) -> None:
    said = io.StringIO()
    stack = Stack(config, console=Console(said))
    monkeypatch.setattr(Stack, "launcher", [sys.executable, "-c", TELLERS[teller]])
    with Telling(stack) as story:
        if code:
            with pytest.raises(BackOfficeError, match=words) as refused:
                stack.supervise(story.ended)
            assert refused.value.code == code
        else:
            stack.supervise(story.ended)
            assert said.getvalue().endswith("秒  一\n")
    monkeypatch.setattr(Stack, "launcher", [sys.executable, "-c", TELLERS["endless"]])
    with Telling(stack) as story:
        pass
    assert story.process.poll() == -9, "who stops the stack stops the story"


def test_a_part_that_fails_shows_the_end_of_its_log(home: Home) -> None:
    part = child(home, [sys.executable, "-c", "print('no such luck'); raise SystemExit(1)"])
    part.ready = lambda: False
    part.start()
    with pytest.raises(PartFailed) as refused:
        part.wait_ready(10)
    assert "试验进程启动后退出了（1）" in refused.value.message
    assert "no such luck" in refused.value.message
    assert (home.logs / "part.log").read_text() == "no such luck\n"


DEAF = f"""
import signal, subprocess
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sleeper = subprocess.Popen({SLEEP!r})
print(sleeper.pid, flush=True)
sleeper.wait()
"""


def test_stopping_ends_what_a_part_started_too(home: Home) -> None:
    part = child(home, [sys.executable, "-c", DEAF])
    part.start()
    until(lambda: part.log.read_text().endswith("here\n"))
    grandchild = psutil.Process(int(part.log.read_text().split()[0]))
    part.ask_to_stop()
    part.stopped(time.monotonic() + 0.2)
    assert still_alive([grandchild], 5) == []


PARENT = """
import sys, time
from pathlib import Path
sys.path.insert(0, {project!r})
from tests.deployments.test_processes import SLEEP, child
from deployments.stack.home import Home
part = child(Home.at(Path(sys.argv[1])), SLEEP)
part.start()
print(part.process.pid, flush=True)
time.sleep(100)
"""


def start_parent(home: Home) -> tuple[subprocess.Popen[bytes], psutil.Process]:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT.format(project=str(PROJECT)), str(home.root)],
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    return parent, psutil.Process(int(parent.stdout.readline()))


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux's")
def test_kill_9_of_the_parent_ends_the_child(home: Home) -> None:
    parent, sleeper = start_parent(home)
    until(lambda: (home.logs / "part.log").read_text() == "here\n")
    parent.kill()
    parent.communicate()
    assert still_alive([sleeper], 5) == []


def test_only_processes_that_carry_this_homes_mark_are_leftovers(
    home: Home, tmp_path: Path
) -> None:
    marks = [str(home.root), str(tmp_path), f"{home.root}#12", None]
    started = [
        subprocess.Popen(SLEEP, env={**os.environ, **({MARK: mark} if mark else {})})
        for mark in marks
    ]
    try:
        ours = psutil.Process(started[0].pid)
        until(lambda: leftovers.find(home) == [ours])
        assert leftovers.find_runs(home) == []
        assert leftovers.end_all(home) == 1
        alive = [is_alive(psutil.Process(each.pid)) for each in started[1:]]
        assert alive == [True, True, True]
    finally:
        for each in started:
            each.kill()
            each.wait()


def test_flow_runs_are_told_from_the_other_processes(home: Home) -> None:
    environment = {**os.environ, MARK: str(home.root), leftovers.RUN: "an id"}
    with subprocess.Popen(SLEEP, env=environment, stdout=subprocess.DEVNULL) as run:
        until(lambda: [p.pid for p in leftovers.find_runs(home)] == [run.pid])
        leftovers.end_runs(home)
        assert run.wait(5) == -15


def test_every_part_has_a_name_of_its_own_and_a_log(home: Home) -> None:
    parts = Parts(home, {"PREFECT_API_URL": "http://127.0.0.1:1/api"}, Ports.from_base(1))
    made = [parts.warm(), parts.prefect(), parts.worker(), parts.gateway(), parts.sandbox()]
    assert len({part.log for part in made}) == len(made)
    assert not any(part.ready() for part in made), "nothing was started"
