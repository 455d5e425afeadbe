"""The outermost layer: request ids, security headers, one log line per request, the crash page.

Logs never hold what people typed or who they are: the route's pattern instead of the path (an
owner's token is in it), and of an exception its type and place, not its message (which may quote a
row).
"""

import logging
import secrets
import time
import traceback
from collections.abc import Iterator

from fastapi import Request
from sqlalchemy.exc import InterfaceError, OperationalError
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.web.counting import Requests
from gateway.web.logs import LOGGER
from gateway.web.pages import page
from gateway.web.problems import crash_problem, is_program

log = logging.getLogger(LOGGER)

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:;"
    " font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
}
QUIET = ("/health", "/healthz", "/readyz", "/metrics", "/static")
KEPT_A_YEAR = "public, max-age=31536000, immutable"


class Edge:
    """Wraps the application; `secure` adds HSTS where pages are served over https."""

    def __init__(self, app: ASGIApp, *, secure: bool, requests: Requests) -> None:
        self.app = app
        self.requests = requests
        self.headers = HEADERS | (
            {"Strict-Transport-Security": "max-age=31536000"} if secure else {}
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; whatever breaks inside becomes a page with the request's id."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id, began, status = secrets.token_hex(5), time.monotonic(), 0
        scope.setdefault("state", {})["request_id"] = request_id

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                self._dress(scope, message, request_id)
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except Exception as error:  # noqa: BLE001 - the last place that can tell the person anything
            crash = list(_trace(error))
            log.error(  # noqa: TRY400 - the trace without its messages
                "request %s broke\n%s", request_id, "\n".join(crash),
                extra={"request_id": request_id},
            )  # fmt: skip
            if not status:
                await _crash_page(Request(scope), error)(scope, receive, sent)
        finally:
            self._note(scope, status, time.monotonic() - began, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        """One line and one count per request, by the route's pattern."""
        where, method = _pattern(scope), scope["method"]
        self.requests.saw(method, where, status, seconds)
        level = logging.DEBUG if where in QUIET and status < 400 else logging.INFO
        ms = round(seconds * 1000)
        extra = dict(method=method, route=where, status=status, ms=ms, request_id=request_id)
        log.log(level, "%s %s %s %dms %s", method, where, status, ms, request_id, extra=extra)

    def _dress(self, scope: Scope, message: Message, request_id: str) -> None:
        headers = MutableHeaders(scope=message)
        headers.update(self.headers)
        headers["X-Request-Id"] = request_id
        static = scope["path"].startswith("/static/") and scope["query_string"].startswith(b"v=")
        headers["Cache-Control"] = KEPT_A_YEAR if static else "no-store"


def _crash_page(request: Request, error: Exception) -> ASGIApp:
    if is_program(request.url.path):
        return crash_problem(request, error)
    if isinstance(error, OperationalError | InterfaceError):
        return page(
            request, "error.html", status=503, title="系统暂时连不上数据库",
            message="刚才的操作没有完成，没有收任何款，也没有改任何数据。请过一会儿再试。",
            desk=is_desk(request.url.path),
        )  # fmt: skip
    return page(
        request, "error.html", status=500, title="出了点问题",
        message="不是您的操作有误，是系统出错了。请稍后再试；如果还不行，请把下面的编号告诉管理员。",
        desk=is_desk(request.url.path),
    )  # fmt: skip


def is_desk(path: str) -> bool:
    """Whether a path belongs to colleagues."""
    return path == "/" or path.startswith(("/desk", "/act", "/h5/work"))


def _pattern(scope: Scope) -> str:
    found = getattr(scope.get("route"), "path", None)
    if found and is_program(scope["path"]):  # the API is mounted: its routes know no prefix
        return f"{scope.get('root_path', '')}{found}"
    return found or ("/static" if scope["path"].startswith("/static/") else "(no route)")


def _trace(error: BaseException | None) -> Iterator[str]:
    """Types and places of an exception and its causes, outermost first; never their messages."""
    while error is not None:
        state = getattr(error, "pgcode", None)
        yield f"{type(error).__module__}.{type(error).__qualname__}{f' [{state}]' if state else ''}"
        yield from (line.rstrip() for line in traceback.format_tb(error.__traceback__))
        error = error.__cause__ or error.__context__
