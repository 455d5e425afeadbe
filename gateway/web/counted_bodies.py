"""How much a request may send: counted while it comes in, so that no header can lie about it."""

from collections.abc import Callable

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOO_LARGE = 413


async def within(
    most: int, app: ASGIApp, refusal: Callable[[Request], ASGIApp], scope: Scope,
    receive: Receive, send: Send,
) -> None:  # fmt: skip
    """Pass a request on while its body has at most so many bytes; what announces more is refused."""
    request, got = Request(scope), 0
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and (len(announced) > 12 or int(announced) > most):
        await refusal(request)(scope, receive, send)
        return

    async def counted() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > most:
            raise HTTPException(TOO_LARGE)
        return message

    await app(scope, counted, send)
