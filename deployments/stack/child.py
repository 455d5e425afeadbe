"""One process of the stack: started with a log of its own, watched, started again, stopped."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from deployments.stack.environment import PROJECT
from deployments.stack.errors import PartFailed
from deployments.stack.home import Home
from deployments.stack.logs import fresh_log, tail

LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0
LEASH = Path(__file__).with_name("leash.py")


@dataclass
class Child:
    """A command that should run as long as the stack does.

    `ready` answers whether it serves yet; it must be quick and never raise.
    """

    name: str
    title: str
    command: list[str]
    environment: Mapping[str, str]
    home: Home
    ready: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    log: Path = field(init=False)

    def __post_init__(self) -> None:
        self.log = self.home.logs / f"{self.name}.log"

    def start(self) -> None:
        """Spawn it in a session of its own, so that Ctrl-C reaches only the supervisor."""
        with fresh_log(self.home, self.name).open("ab") as log:
            self.process = subprocess.Popen(
                [*_ended_with_us(), *self.command],
                cwd=PROJECT,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started = time.monotonic()

    def wait_ready(self, seconds: float) -> None:
        """Until it serves. `PartFailed` with the end of its log if it ended or took too long."""
        deadline = time.monotonic() + seconds
        while not self.ready():
            if self.ended() is not None:
                raise self._failed(f"启动后退出了（{self.ended()}）")
            if time.monotonic() > deadline:
                raise self._failed(f"{seconds:.0f} 秒内没有就绪")
            time.sleep(0.05)

    def ended(self) -> int | None:
        """The exit code if it was started and has ended."""
        return None if self.process is None else self.process.poll()

    def revive(self) -> float | None:
        """Start it again if it died and the pause is over; the answer is the pause it served."""
        if self.ended() is None:
            return None
        if time.monotonic() - self.started > STEADY_SECONDS:
            self.failures = 0
        pause = min(2.0**self.failures - 1, LONGEST_PAUSE)
        if time.monotonic() - self.started < pause:
            return None
        self.failures += 1
        self.start()
        return pause

    def ask_to_stop(self) -> None:
        """SIGTERM, if it runs."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def stopped(self, deadline: float) -> None:
        """Wait until `deadline` (monotonic), then end it and whatever it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(max(0.0, deadline - time.monotonic()))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.process = None

    def _failed(self, how: str) -> PartFailed:
        return PartFailed(
            f"{self.title}{how}，日志在 {self.log}：\n{tail(self.log)}", part=self.name
        )


def _ended_with_us() -> list[str]:
    """Where the system offers it, a child gets SIGTERM when the supervisor is killed."""
    if sys.platform != "linux":
        return []
    return [sys.executable, "-I", "-S", str(LEASH), str(os.getpid())]
