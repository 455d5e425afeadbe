"""What was called: counts per path and the last calls, without secrets."""

import re
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox import json_in
from gateway.sandbox.clock import Clock, iso

KEPT_CALLS = 200
KEPT_BYTES = 16_384
VERDICT = re.compile(rb'\{"errcode":(-?\d+)')
SECRET_PARAMETERS = frozenset({"access_token", "corpsecret"})
API = "/cgi-bin/"


@dataclass
class Call:
    """One call, kept raw: most are never looked at."""

    at: int
    path: str
    query: bytes
    body: bytes = b""
    http_status: int | None = None
    reply: bytes = b""
    fault: str | None = None

    def shown(self) -> dict[str, Any]:
        """As GET /_sandbox/calls shows it."""
        pairs = parse_qsl(self.query.decode("latin-1"))
        return {
            "at": iso(self.at),
            "path": self.path,
            "query": {key: value for key, value in pairs if key not in SECRET_PARAMETERS},
            "body": parsed(self.body),
            "http_status": self.http_status,
            "errcode": self.errcode,
            "fault": self.fault,
        }

    @property
    def errcode(self) -> int | None:
        """The verdict, which every envelope begins with; None for a file or an HTTP error."""
        verdict = VERDICT.match(self.reply)
        return int(verdict[1]) if verdict else None


def parsed(raw: bytes) -> Any:
    """The JSON in the bytes, or None (a file, or too long to be kept whole)."""
    try:
        return json_in.parsed(raw)
    except ValueError:
        return None


@dataclass
class CallLog:
    """In memory only."""

    clock: Clock
    counts: Counter[str] = field(default_factory=Counter)
    errcodes: defaultdict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict[str, Counter[str]](Counter)
    )
    last: deque[Call] = field(default_factory=lambda: deque(maxlen=KEPT_CALLS))

    def begin(self, path: str, query: bytes) -> Call:
        """A call has come in."""
        call = Call(self.clock.now(), path, query)
        self.counts[path] += 1
        self.last.append(call)
        return call

    def end(self, call: Call) -> None:
        """It was handled, whether or not the answer left the house."""
        if call.errcode is not None:
            self.errcodes[call.path][str(call.errcode)] += 1

    def clear(self) -> None:
        """Forget all."""
        self.counts.clear()
        self.errcodes.clear()
        self.last.clear()

    def shown(self) -> dict[str, Any]:
        """As GET /_sandbox/calls answers."""
        return {
            "total": self.counts.total(),
            "counts": dict(self.counts),
            "errcodes": {path: dict(counts) for path, counts in self.errcodes.items()},
            "last": [call.shown() for call in self.last],
        }


class Recorder:
    """Writes each API call down on its way in and out."""

    def __init__(self, app: ASGIApp, log: CallLog) -> None:
        self.app = app
        self.log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        call = self.log.begin(scope["path"].removeprefix(API), scope["query_string"])
        scope["call"] = call

        async def reading() -> Message:
            message = await receive()
            if len(call.body) < KEPT_BYTES:
                call.body += message.get("body", b"")[:KEPT_BYTES]
            return message

        async def answering(message: Message) -> None:
            note_reply(call, message)
            await send(message)

        try:
            await self.app(scope, reading, answering)
        finally:
            self.log.end(call)


def note_reply(call: Call, message: Message) -> None:
    """Keep the status and the beginning of the reply."""
    if message["type"] == "http.response.start":
        call.http_status = message["status"]
    elif message["type"] == "http.response.body" and not call.reply:
        call.reply = message.get("body", b"")[:KEPT_BYTES]
