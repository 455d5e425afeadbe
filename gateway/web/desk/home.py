"""The desk's first page: what there is to do, with its figures."""

from fastapi import APIRouter, Request, Response

from domain import clock
from domain.bills import reading
from domain.letters import reading as letters
from domain.payments import queries as payments
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/desk")

NEEDS = {"take": "payments.take", "runs": "bills.see", "letters": "letters.handle"}


@router.get("")
def home(request: Request) -> Response:
    """Links to what exists and this colleague may use."""
    with at_desk(request) as desk:
        may = {
            name: [one.id for one in desk.access.communities(desk.session, needed, whole=True)]
            for name, needed in NEEDS.items()
        }
        midnight = clock.start_of(clock.local_day(desk.at))
        till = payments.till(desk.session, desk.staff.id, since=midnight)
        dead = letters.count_failed(desk.session, may["letters"])
        waiting = reading.count_waiting(desk.session, may["runs"])
    return page(
        request, "desk/home.html", desk=desk, may=may, till=till, dead=dead, waiting=waiting
    )
