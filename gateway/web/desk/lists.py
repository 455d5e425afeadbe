"""Lists to read: letters that did not arrive, and bill runs."""

from fastapi import APIRouter, Request, Response

from domain.bills import reading
from domain.letters import reading as letters
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk")

SHOWN = 200


@router.get("/letters")
def dead_letters(request: Request) -> Response:
    """What did not arrive, and why."""
    with at_desk(request) as desk:
        here = _where(desk, "letters.handle")
        rows = letters.failed(desk.session, here, limit=SHOWN)
        count = letters.count_failed(desk.session, here)
    return page(request, "desk/letters.html", desk=desk, rows=rows, count=count)


@router.get("/runs")
def bill_runs(request: Request) -> Response:
    """Bill runs, newest month first, with their state."""
    with at_desk(request) as desk:
        rows = reading.runs(desk.session, _where(desk, "bills.see"), limit=SHOWN)
    return page(request, "desk/runs.html", desk=desk, rows=rows)


def _where(desk: Desk, *permissions: str) -> list[int]:
    desk.access.require_somewhere(*permissions)
    return [one.id for one in desk.access.communities(desk.session, *permissions, whole=True)]
