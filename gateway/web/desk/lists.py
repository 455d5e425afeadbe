"""Lists to read: letters that did not arrive, and bill runs."""

from fastapi import APIRouter, Request, Response

from domain.bills import reading
from domain.errors import NotPermitted
from domain.letters import reading as letters
from domain.staff import desk as colleagues
from gateway.web.pages import page
from gateway.web.sessions import SEES_LETTERS, SEES_RUNS, Desk, at_desk

router = APIRouter(prefix="/desk")

SHOWN = 200


@router.get("/letters")
def dead_letters(request: Request) -> Response:
    """What did not arrive, and why."""
    with at_desk(request) as desk:
        here = _where(desk, *SEES_LETTERS)
        rows = letters.failed(desk.session, here, limit=SHOWN)
        count = letters.count_failed(desk.session, here)
    return page(request, "desk/letters.html", desk=desk, rows=rows, count=count)


@router.get("/runs")
def bill_runs(request: Request) -> Response:
    """Bill runs, newest month first, with their state."""
    with at_desk(request) as desk:
        rows = reading.runs(desk.session, _where(desk, *SEES_RUNS), limit=SHOWN)
    return page(request, "desk/runs.html", desk=desk, rows=rows)


def _where(desk: Desk, *permissions: str) -> list[int]:
    here = colleagues.communities(desk.session, desk.staff.id, *permissions)
    if not here:
        raise NotPermitted(f"{desk.staff.name}还不能看这一页")
    return [community.id for community in here]
