"""Whether this process lives, and whether it can serve."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from domain.session import answers
from gateway.web.patience import Look
from gateway.web.sessions import engine_of

router = APIRouter()


@router.get("/")
def front_door() -> Response:
    """Colleagues land at the desk."""
    return RedirectResponse("/desk", 303)


@router.get("/health")
@router.get("/healthz")
async def alive() -> Response:
    """The process answers, also when every thread of it waits for the database."""
    return PlainTextResponse("ok")


@router.get("/readyz")
async def ready(request: Request) -> Response:
    """The database answers too."""
    look: Look[bool] = request.app.state.readiness
    if not await look.at(partial(answers, engine_of(request))):
        return PlainTextResponse("数据库连不上，网页暂时不能用。", 503)
    return PlainTextResponse("ok")
