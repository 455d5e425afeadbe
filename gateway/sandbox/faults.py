"""The fault script: what goes wrong next, consumed call by call in the order it was written."""

import asyncio
from typing import Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, model_validator
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sandbox.calls import API, note_reply
from gateway.sandbox.replies import ERRMSG, answer

HOLD_SECONDS = 120
"""How long a caller that never hangs up waits for the answer that never comes."""


class Fault(BaseModel):
    """One entry of the script; at least one effect."""

    model_config = ConfigDict(extra="forbid")

    path: str = "*"
    times: int = Field(default=1, ge=1)
    skip: int = Field(default=0, ge=0)
    errcode: int | None = None
    errmsg: str | None = None
    http_status: int | None = Field(default=None, ge=400, le=599)
    delay_seconds: float = Field(default=0, ge=0)
    accept_then_timeout: bool = False
    partial_invalid: list[str] = []

    @model_validator(mode="after")
    def has_effect(self) -> Self:
        """A fault without an effect is a misspelt one."""
        if not self.effect:
            raise ValueError("a fault needs an effect")
        return self

    @property
    def effect(self) -> str:
        """In a word or two, for the log of calls and the panel; "" for none."""
        words = {
            f"errcode {self.errcode}": self.errcode is not None,
            f"HTTP {self.http_status}": self.http_status is not None,
            "accept_then_timeout": self.accept_then_timeout,
            "partial_invalid": self.partial_invalid,
            f"delay {self.delay_seconds:g}s": self.delay_seconds,
        }
        return ", ".join(word for word, on in words.items() if on)

    def fits(self, path: str) -> bool:
        """Is it for this path? `message/send` and `/cgi-bin/message/send` are one."""
        wanted = self.path.removeprefix("/").removeprefix(API[1:])
        return wanted in ("*", path)


class Script:
    """The faults still to come. In memory: a restart is the end of trouble."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def add(self, faults: list[Fault]) -> None:
        """Append to the script."""
        self.faults += [fault.model_copy() for fault in faults]

    def clear(self) -> None:
        """No more trouble."""
        self.faults.clear()

    def take(self, path: str) -> Fault | None:
        """The fault this call meets, used up by one; None if all is well."""
        fault = next((fault for fault in self.faults if fault.fits(path)), None)
        if fault is None:
            return None
        if fault.skip:
            fault.skip -= 1
            return None
        fault.times -= 1
        if not fault.times:
            self.faults.remove(fault)
        return fault


class Gate:
    """Every API call passes here and meets its fault."""

    def __init__(self, app: ASGIApp, script: Script) -> None:
        self.app = app
        self.script = script

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        api_call = scope["type"] == "http" and scope["path"].startswith(API)
        fault = self.script.take(scope["path"].removeprefix(API)) if api_call else None
        if fault is None:
            await self.app(scope, receive, send)
        else:
            scope["call"].fault = fault.effect
            await self.play(fault, scope, receive, send)

    async def play(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the fault happen."""
        receive = await read_whole(receive)
        await asyncio.sleep(fault.delay_seconds)
        if fault.accept_then_timeout:
            await self.accept_and_hang(scope, receive, send)
        elif fault.errcode is not None:
            message = fault.errmsg or ERRMSG.get(fault.errcode, "error")
            await answer(fault.errcode, message)(scope, receive, send)
        elif fault.http_status is not None:
            page = PlainTextResponse("upstream error", status_code=fault.http_status)
            await page(scope, receive, send)
        else:
            scope["struck_out"] = frozenset(name.lower() for name in fault.partial_invalid)
            await self.app(scope, receive, send)

    async def accept_and_hang(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Do the work, swallow the answer, wait until the caller gives up."""

        async def swallow(message: Message) -> None:
            note_reply(scope["call"], message)

        await self.app(scope, receive, swallow)
        try:
            async with asyncio.timeout(HOLD_SECONDS):
                while (await receive())["type"] != "http.disconnect":
                    pass
        except TimeoutError:
            page = PlainTextResponse("gateway time-out", status_code=504)
            await page(scope, receive, send)


async def read_whole(receive: Receive) -> Receive:
    """Read the request to its end, as a real server would even if the caller then hangs up.

    What is returned plays it back, and after that tells of the caller as before.
    """
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    messages.reverse()

    async def replay() -> Message:
        return messages.pop() if messages else await receive()

    return replay


def struck_out(request: Request) -> frozenset[str]:
    """Lower-cased ids that this one call must treat as invalid."""
    names: frozenset[str] = request.scope.get("struck_out", frozenset())
    return names
