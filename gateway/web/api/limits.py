"""How much a program may send: counted while it comes in, so that no header can lie about it."""

from fastapi import HTTPException, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.excel.limits import MAX_FILE_BYTES
from gateway.web.problems import problem

JSON_BYTES = 256 * 1024
UPLOAD_BYTES = MAX_FILE_BYTES + JSON_BYTES
UPLOADS = "/imports"
TOO_LARGE = 413


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
        request, got = Request(scope), 0
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and (len(announced) > 12 or int(announced) > most):
            await too_large(request, most)(scope, receive, send)
            return

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > most:
                raise HTTPException(TOO_LARGE)
            return message

        await self.app(scope, counted, send)


def too_large(request: Request, most: int = JSON_BYTES) -> ASGIApp:
    """The refusal."""
    return problem(
        request, TOO_LARGE, code="body_too_large", title="请求太大",
        detail=f"请求正文超过了 {most // 1024} KB 的上限，请减少内容后再提交",
    )  # fmt: skip
