"""A colleague's phone: what waits for them, in large targets; the desk in a pocket."""

from fastapi import APIRouter, Request, Response

from gateway.web.desk.today import today
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/h5/work")


@router.get("")
def work(request: Request) -> Response:
    """What waits for this colleague now."""
    with at_desk(request) as desk:
        now = today(desk)
    return page(request, "h5/work.html", desk=desk, now=now)
