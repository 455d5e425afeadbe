"""Knocks at a steady rate over HTTP, whether or not earlier ones were answered yet.

The time of an answer counts from the moment its knock was due, so that a server that stalls is
charged for everything that had to wait.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

CONNECTIONS = 64
GIVE_UP_SECONDS = 5.0
"""As WeCom: then it hangs up."""


@dataclass(frozen=True, slots=True)
class Knock:
    """A request: the path with its query, and the body."""

    path: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, after how many seconds; status 0 for nothing in time."""

    status: int
    text: bytes
    seconds: float


async def knock_all(base: str, knocks: Sequence[Knock], *, per_second: float) -> list[Answer]:
    """An answer per knock, in their order."""
    door = _Door(base)
    start = time.monotonic()
    tasks = []
    for number, one in enumerate(knocks):
        due = start + number / per_second
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        tasks.append(asyncio.create_task(door.knock(one, due)))
    answers = await asyncio.gather(*tasks)
    door.close()
    return list(answers)


Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class _Door:
    """Keep-alive connections to one server, as many as are needed at once."""

    def __init__(self, base: str) -> None:
        parts = urlsplit(base)
        self.host, self.port = parts.hostname or "", parts.port or 80
        self.idle: list[Line] = []
        self.places = asyncio.Semaphore(CONNECTIONS)

    async def knock(self, one: Knock, due: float) -> Answer:
        try:
            async with asyncio.timeout(GIVE_UP_SECONDS), self.places:
                status, text = await self._exchange(one)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            status, text = 0, b""
        return Answer(status, text, time.monotonic() - due)

    async def _exchange(self, one: Knock) -> tuple[int, bytes]:
        line = self.idle.pop() if self.idle else await asyncio.open_connection(self.host, self.port)
        reader, writer = line
        head = f"POST {one.path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Length: {len(one.body)}"
        writer.write(f"{head}\r\nContent-Type: text/xml\r\n\r\n".encode() + one.body)
        answered = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = answered.partition("content-length:")[2].partition("\r\n")[0]
        text = await reader.readexactly(int(length or 0))
        self.idle.append(line)
        return int(answered.split(" ", 2)[1]), text

    def close(self) -> None:
        for _, writer in self.idle:
            writer.close()
