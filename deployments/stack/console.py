"""What the stack says while it works: one Chinese line per event, with the seconds so far."""

import sys
import time
from typing import TextIO


class Console:
    """Prints to a stream; with `--json` that is stderr, so that stdout stays one JSON object."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stdout
        self.begun = time.monotonic()

    def step(self, text: str) -> None:
        """Something happened, so many seconds after the start."""
        print(f"{time.monotonic() - self.begun:6.1f} 秒  {text}", file=self.stream, flush=True)

    def say(self, text: str = "") -> None:
        """A line as it is."""
        print(text, file=self.stream, flush=True)
