"""The demo's story, told by a process of its own and listened to beside the supervision."""

import contextlib
import json
import os
import signal
import subprocess
import threading
from typing import Any, Self

from deployments.demo.summary import Step, Summary
from deployments.stack.environment import PROJECT
from deployments.stack.errors import PartFailed, Relayed
from deployments.stack.logs import fresh_log, tail
from deployments.stack.stack import Stack
from domain.errors import BackOfficeError


class Telling(threading.Thread):
    """`with Telling(stack) as story:` - until the block ends, at the latest."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(daemon=True, name="story")
        self.stack = stack
        self.log = fresh_log(stack.home, "demo")
        self.summary: Summary | None = None
        self.failure: BackOfficeError | None = None

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.stack.launcher, "deployments.demo", self.stack.sandbox_url or ""],
                cwd=PROJECT,
                env={**os.environ, **self.stack.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the supervisor, which ends this
            )
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.join()

    def run(self) -> None:
        """Say each step; keep the summary, or why there is none, for the main thread."""
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                self._hear(json.loads(line))
        if self.summary is None and self.failure is None:
            words = f"演示中断了，日志在 {self.log}：\n{tail(self.log)}"
            self.failure = PartFailed(words, part="demo")

    def ended(self) -> bool:
        """Is it told? A failure is raised here."""
        if self.failure:
            raise self.failure
        return self.summary is not None

    def _hear(self, told: dict[str, Any]) -> None:
        match told:
            case {"step": sentence}:
                self.stack.console.step(sentence)
            case {"summary": steps}:
                self.summary = Summary([Step(**step) for step in steps])
            case {"refused": {"code": code, "message": message}}:
                self.failure = Relayed(message, code=code)
