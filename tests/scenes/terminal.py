"""A newcomer's terminal: commands as README says them, in a data folder of their own."""

import contextlib
import json
import os
import queue
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from deployments.stack import leftovers
from deployments.stack.ending import still_alive
from deployments.stack.home import Home
from deployments.stack.ports import Ports, is_free
from deployments.stack.postgres import EmbeddedPostgres

PROJECT = Path(__file__).parents[2]
WUYE = PROJECT / ".venv/bin/wuye"
READY = "按 Ctrl-C 停止。"
PATIENCE = 90.0


def until(true: Callable[[], Any], what: str, *, within: float = PATIENCE) -> Any:
    """What it answers as soon as that is something; fails after so many seconds."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if found := true():
            return found
        time.sleep(0.3)
    raise AssertionError(f"never: {what}")


def three_free_ports() -> Ports:
    """A base with two free ports after it, below those the system lends to outgoing connections:
    one of those may be gone in the seconds before a server binds it.
    """
    bases = (random.randrange(20_000, 30_000) for _ in range(1_000))
    return Ports.from_base(next(b for b in bases if all(is_free(b + i) for i in range(3))))


class Terminal:
    """Starts `make demo` or `wuye up`, reads what it says as it says it, presses Ctrl-C."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.ports = three_free_ports()
        self.said: list[str] = []
        self.seconds: dict[str, float] = {}

    def make_demo(self) -> None:
        """`make demo`, in the environment this test runs in (-o: it is not made again)."""
        command = ["make", "--no-print-directory", "-o", ".venv/.ready", "demo"]
        self._start(*command, f"PORT={self.ports.gateway}")

    def up(self) -> None:
        """`wuye up`, until it says that it serves."""
        self._start(str(WUYE), "up", "--port", str(self.ports.gateway))
        self.wait_for(READY, within=120)

    def wait_for(self, words: str, *, within: float) -> str:
        """The line that says so; how long that took since the start is kept under the words."""
        deadline = time.monotonic() + within
        while (line := self._next(deadline)) is not None:
            if words in line:
                self.seconds[words] = round(time.monotonic() - self.begun, 1)
                return line
        raise AssertionError(f"never said {words!r}:\n{self.words}")

    @property
    def words(self) -> str:
        """Everything on the screen."""
        return "".join(self.said)

    def wuye(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """One `wuye` command in a second terminal."""
        return subprocess.run(
            [str(WUYE), *arguments],
            cwd=PROJECT, env=self._environment(), capture_output=True, text=True, timeout=200,
            check=False,
        )  # fmt: skip

    def answer(self, *arguments: str) -> Any:
        """What a command says with --json; it must succeed."""
        done = self.wuye(*arguments, "--json")
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.logs()}"
        return json.loads(done.stdout)

    def logs(self) -> str:
        """The end of every log of the stack, for the report of a failure."""
        files = sorted((self.home.root / "logs").glob("*.log"))
        ends = [file.read_text(errors="replace").splitlines()[-15:] for file in files]
        return "\n".join(f"== {f.name}\n" + "\n".join(e) for f, e in zip(files, ends, strict=True))

    def processes(self) -> list[psutil.Process]:
        """Everything of the stack: what was typed, what carries the mark, the database."""
        server = EmbeddedPostgres(self.home).postmaster()
        family = [server, *server.children()] if server else []
        typed = [psutil.Process(self.process.pid)] if self.process.poll() is None else []
        made = [child for one in typed for child in one.children()]
        return [*typed, *made, *leftovers.find(self.home), *family]

    def ctrl_c(self) -> list[psutil.Process]:
        """As a terminal sends it, to the whole foreground group; the answer is who stays."""
        everything = self.processes()
        os.killpg(self.process.pid, signal.SIGINT)
        return self._ended(everything)

    def kill_9(self) -> list[psutil.Process]:
        """All of it, at once, without a word; the answer is who stays."""
        everything = self.processes()
        for process in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        return self._ended(everything)

    def tidy(self) -> None:
        """Whatever a failed test left."""
        if getattr(self, "process", None) and self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if getattr(self, "process", None) and self.process.stdout:
            self._reader.join(5)
            self.process.stdout.close()
        leftovers.end_all(self.home)
        EmbeddedPostgres(self.home).stop()

    def _start(self, *command: str) -> None:
        """On a clean screen."""
        self.said, self.seconds = [], {}
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=PROJECT, env=self._environment(), text=True, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        self._lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _ended(self, everything: list[psutil.Process]) -> list[psutil.Process]:
        """Who of them is still there after what was typed has ended."""
        self.process.wait(60)
        while self._next(time.monotonic() + 10) is not None:
            """The rest of what it says."""
        if self.process.stdout:
            self.process.stdout.close()
        return still_alive(everything, 5)

    def _environment(self) -> dict[str, str]:
        """A newcomer's: nothing of ours, of Prefect's, or of a `make test` around this."""
        ours = ("WUYE_", "PREFECT_", "MAKE", "MFLAGS", "PYTEST_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        several = {"WUYE_WECOM_MASS_PER_DAY": "9", "WUYE_WECOM_MASS_PER_MONTH": "99"}
        return {**kept, **several, "WUYE_HOME": str(self.home.root)}  # two months in one day

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def _next(self, deadline: float) -> str | None:
        """The next line; None at the end of all, or when it takes too long."""
        with contextlib.suppress(queue.Empty):
            line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            if line is not None:
                self.said.append(line)
            return line
        return None
