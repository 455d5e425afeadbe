"""The login page: three ways in, and straight on in WeCom's own browser."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from gateway.settings import Settings
from gateway.web.login import browser
from gateway.web.pages import page
from gateway.web.sessions import settings_of, why_out

router = APIRouter(prefix="/desk/login")

IN_WECOM = "wxwork"


@router.get("")
def start(request: Request, next: str = "") -> Response:  # noqa: A002 - what the address says
    """Ways in. WeCom's own browser goes on by itself: it already knows who is there."""
    path = browser.inside(next)
    if IN_WECOM in request.headers.get("user-agent", "").lower() and has_wecom(request):
        return RedirectResponse(f"{browser.PATH}/wecom?next={browser.quoted(path)}", 303)
    return form(request, next_path=path, reason=why_out(request))


def form(
    request: Request, *, next_path: str, login: str = "", refusal: str = "", reason: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    """The page with what was typed and why it was refused, or why somebody has to sign in again."""
    held = browser.of(request)
    answer = page(
        request, "login/start.html", status=status, next_path=next_path, login=login,
        refusal=refusal, reason=reason, wecom=has_wecom(request),
        form_key=browser.form_key(settings_of(request), held),
    )  # fmt: skip
    browser.keep(request, answer, browser.COOKIE, held)
    return answer


def has_wecom(request: Request) -> bool:
    """Whether WeCom is set up here."""
    config: Settings = settings_of(request)
    return bool(config.wecom_corp_id and config.wecom_agent_id is not None)
