"""A colleague's phone: what waits for them, in large targets; the desk in a pocket."""

from fastapi import APIRouter, Request, Response

from domain.bills import reading
from domain.letters import pressing
from domain.letters import reading as letters
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/h5/work")


@router.get("")
def work(request: Request) -> Response:
    """What waits for this colleague now, most urgent first."""
    with at_desk(request) as desk:
        may = {
            need: [one.id for one in desk.access.communities(desk.session, need, whole=True)]
            for need in ("bills.approve", "letters.handle")
        }
        waiting = reading.waiting(desk.session, may["bills.approve"])
        dead = letters.count_failed(desk.session, may["letters.handle"])
        press = pressing.waiting_for(desk.session, desk.staff.id)
    return page(request, "h5/work.html", desk=desk, waiting=waiting, dead=dead, press=press)
