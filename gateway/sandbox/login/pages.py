"""The pages "您是谁？": in WeCom's own browser, and on a computer with a QR code."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.sandbox import directory
from gateway.sandbox.box import Box, box_of
from gateway.sandbox.login import codes
from gateway.sandbox.login.asking import Wish, in_app, on_computer
from gateway.sandbox.pages import page
from gateway.sandbox.refusals import Refused
from gateway.sandbox.seeds import Id, Strict

HOLDER = "wecom_holder"
SHOWN_CUSTOMERS = 12
FOUND = 302

router = APIRouter()


class CodeWish(Strict):
    """The body of POST /_sandbox/login/code."""

    who: Id
    scope: str = "snsapi_base"
    agent_id: int | None = None


@router.get("/connect/oauth2/authorize")
async def authorize(request: Request) -> Response:
    """Who holds this phone? Known from the phone's page, or asked."""
    box, query = box_of(request), request.query_params
    wish = in_app(box.store, query)
    holder = request.cookies.get(HOLDER)
    if holder and not query.get("ask"):
        return go(box, wish, holder)
    return question(request, wish, on_phone=True)


@router.get("/wwlogin/sso/login")
@router.get("/wwopen/sso/qrConnect")
async def sso(request: Request) -> Response:
    """Who scans the code on the screen? Always asked."""
    return question(
        request, on_computer(box_of(request).store, request.query_params), on_phone=False
    )


@router.post("/connect/oauth2/authorize")
async def authorized(request: Request) -> Response:
    """Somebody has said who he is, or that he will not say."""
    return await answered(request, in_app(box_of(request).store, request.query_params))


@router.post("/wwlogin/sso/login")
@router.post("/wwopen/sso/qrConnect")
async def scanned(request: Request) -> Response:
    """The same on a computer."""
    return await answered(request, on_computer(box_of(request).store, request.query_params))


async def answered(request: Request, wish: Wish) -> Response:
    """Back to the app, with a code unless it was refused."""
    form = await request.form()
    if form.get("refuse"):
        return RedirectResponse(wish.answered(None), FOUND)
    return go(box_of(request), wish, str(form.get("who", "")))


def go(box: Box, wish: Wish, who: str) -> Response:
    """To the app with a code for this person."""
    code = codes.draw(box, who, scope=wish.scope, agent_id=wish.agent_id)
    return RedirectResponse(wish.answered(code), FOUND)


def question(request: Request, wish: Wish, *, on_phone: bool) -> Response:
    """The page with everybody who could answer."""
    box, q = box_of(request), request.query_params.get("q", "").strip()
    staff = directory.staff(box.store)
    return page(
        box,
        "whoareyou.html",
        wish=wish,
        on_phone=on_phone,
        staff=[one for one in staff if one["status"] == codes.ACTIVE],
        away=[one for one in staff if one["status"] != codes.ACTIVE],
        found=directory.customers(box.store, q=q, limit=SHOWN_CUSTOMERS) if on_phone else None,
        q=q,
        asked={key: value for key, value in request.query_params.items() if key != "q"},
    )


@router.post("/_sandbox/login/code")
async def code(request: Request, wish: CodeWish) -> dict[str, str]:
    """A code without the pages, for programs."""
    box = box_of(request)
    if wish.scope not in ("snsapi_base", codes.PRIVATE):
        raise Refused("scope 应为 snsapi_base 或 snsapi_privateinfo")
    return {"code": codes.draw(box, wish.who, scope=wish.scope, agent_id=wish.agent_id)}
