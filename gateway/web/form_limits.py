"""How much a form may send: counted while it comes in, before anybody is known to have sent it.

The API counts for itself, and so do the two doors that take more or less than a form: workbooks
and WeCom's callback.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web import wecom_callback
from gateway.web.counted_bodies import within
from gateway.web.errors import too_large
from gateway.web.problems import is_program

FORM_BYTES = 1024 * 1024
COUNT_THEMSELVES = ("/desk/imports", wecom_callback.PATH)


class FormLimit:
    """Refuses a form that is too large, announced or not, with a page."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on as long as it stays small enough."""
        path = scope["path"] if scope["type"] == "http" else ""
        if not path or is_program(path) or path in COUNT_THEMSELVES:
            await self.app(scope, receive, send)
            return
        await within(FORM_BYTES, self.app, too_large, scope, receive, send)
