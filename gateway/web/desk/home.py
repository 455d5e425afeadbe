"""The desk's first page: what waits, with its figures."""

from fastapi import APIRouter, Request, Response

from gateway.web.desk.today import today
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/desk")


@router.get("")
def home(request: Request) -> Response:
    """What waits for this colleague, and where they were going anyway."""
    with at_desk(request) as desk:
        now = today(desk)
    return page(request, "desk/home.html", desk=desk, now=now)
