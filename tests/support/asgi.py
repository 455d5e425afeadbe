"""A client of an application of this process: no socket, and one event loop for all requests.

Starlette's own starts a loop, and with it the thread an endpoint runs in, for each request, and
hands every part of an answer from one thread to the other.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal

PORTALS: list[BlockingPortal] = []
"""The open loop."""


@contextmanager
def one_loop() -> Iterator[None]:
    """What clients need: a loop that serves until the end."""
    with start_blocking_portal() as portal:
        PORTALS.append(portal)
        yield
        PORTALS.remove(portal)


class Client(httpx.Client):
    """A browser or a program: keeps cookies, follows no redirect."""

    def __init__(self, app) -> None:
        super().__init__(transport=InProcess(app), base_url="http://testserver")


class InProcess(httpx.BaseTransport):
    """Carries a request to the application and its whole answer back; what breaks there, breaks."""

    def __init__(self, app) -> None:
        self.app = app

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """In the loop that all requests share, beside those of other threads."""
        return PORTALS[-1].call(self._answer, request)

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked, said, over = [request.read()], [], asyncio.Event()

        async def receive():
            if asked:
                return {"type": "http.request", "body": asked.pop()}
            await over.wait()
            return {"type": "http.disconnect"}

        async def send(message) -> None:
            said.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                over.set()

        await self.app(scope_of(request), receive, send)
        start, *parts = said
        body = b"".join(part.get("body", b"") for part in parts)
        return httpx.Response(
            start["status"], headers=start["headers"],
            stream=httpx.ByteStream(b"" if request.method == "HEAD" else body),
        )  # fmt: skip


def scope_of(request: httpx.Request) -> dict:
    """What a server would say about the request."""
    url = request.url
    return {
        "type": "http", "http_version": "1.1", "method": request.method, "scheme": url.scheme,
        "path": unquote(url.path), "raw_path": url.raw_path.partition(b"?")[0],
        "query_string": url.query, "root_path": "",
        "headers": [(name.lower(), value) for name, value in request.headers.raw],
        "client": ("testclient", 50000), "server": (url.host, url.port or 80), "state": {},
    }  # fmt: skip
