"""Signing in by a one-time link. Opening it only asks: chat programs fetch links to preview them."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access import sessions
from domain.access.model import SignInWay
from domain.session import transaction
from domain.staff import desk as colleagues
from gateway.links import read_desk_token
from gateway.web.errors import FormStale
from gateway.web.fields import FormKey
from gateway.web.pages import page
from gateway.web.sessions import at_desk, engine_of, settings_of, sign_in, sign_out

router = APIRouter(prefix="/desk")


@router.get("/enter/{token}")
def ask(request: Request, token: str) -> Response:
    """Whom the link would sign in, and a button."""
    entry = read_desk_token(settings_of(request), token, at=clock.now())
    with transaction(engine_of(request)) as session:
        staff = colleagues.working(session, entry.staff_id)
        if colleagues.used(session, entry.staff_id, entry.nonce):
            raise colleagues.LinkUsed("这个登录链接已经用过了")
    return page(request, "desk/enter.html", staff=staff, token=token)


@router.post("/enter/{token}")
def enter(request: Request, token: str) -> Response:
    """Use the link up and open the desk."""
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise FormStale("登录只能从链接页面上进行")
    at = clock.now()
    entry = read_desk_token(settings_of(request), token, at=at)
    response = RedirectResponse("/desk", 303)
    with transaction(engine_of(request)) as session:
        person = colleagues.enter(session, entry.staff_id, entry.nonce, at=at)
        sign_in(request, session, response, person, way=SignInWay.LINK, at=at)
    return response


@router.post("/leave")
def leave(request: Request, form_key: FormKey = "") -> Response:
    """Sign out."""
    with at_desk(request, form_key=form_key) as desk:
        sessions.end(desk.session, desk.session_id, reason="您已退出，请重新登录", at=desk.at)
        response = page(request, "desk/left.html")
    sign_out(response)
    return response
