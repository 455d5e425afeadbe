"""How much a program may send."""

from functools import partial

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.excel.limits import MAX_FILE_BYTES
from gateway.web.counted_bodies import TOO_LARGE, within
from gateway.web.problems import problem

JSON_BYTES = 256 * 1024
UPLOAD_BYTES = MAX_FILE_BYTES + JSON_BYTES
UPLOADS = "/imports"


class BodyLimit:
    """Refuses a body that is too large, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as long as it stays small enough."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = UPLOAD_BYTES if scope["path"].endswith(UPLOADS) else JSON_BYTES
        refusal = partial(too_large, most=most)
        await within(most, self.app, refusal, scope, receive, send)


def too_large(request: Request, most: int = JSON_BYTES) -> ASGIApp:
    """The refusal."""
    return problem(
        request, TOO_LARGE, code="body_too_large", title="请求太大",
        detail=f"请求正文超过了 {most // 1024} KB 的上限，请减少内容后再提交",
    )  # fmt: skip
