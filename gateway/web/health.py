"""Whether this process lives, and whether it can serve."""

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response

from domain.session import answers
from gateway.web.sessions import engine_of

router = APIRouter()


@router.get("/")
def front_door() -> Response:
    """Colleagues land at the desk."""
    return RedirectResponse("/desk", 303)


@router.get("/health")
@router.get("/healthz")
def alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


@router.get("/readyz")
def ready(request: Request) -> Response:
    """The database answers too."""
    if not answers(engine_of(request)):
        return PlainTextResponse("数据库连不上，网页暂时不能用。", 503)
    return PlainTextResponse("ok")
