"""A fee item's name, and whether it is billed: 停用 and 启用, after their consequences were seen."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.errors import BackOfficeError
from domain.fees import editing, listing
from domain.fees.model import FeeItem
from gateway.web.attempts import attempt
from gateway.web.desk.fees_page import editable, show
from gateway.web.fields import FeeId, FormKey, Typed, one_line
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, sure

router = APIRouter(prefix="/desk/fees/{fee_id}")


@router.post("/name")
def rename(
    request: Request, fee_id: FeeId, name: Typed = "", opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Call it something else."""
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        saved = attempt(
            desk,
            lambda: editing.rename(
                desk.session, item, one_line(name), opened=one_line(opened),
                by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return show(request, desk, item, renamed=name, refusal=saved)
    return RedirectResponse(f"/desk/fees/{fee_id}?done=renamed", 303)


@router.get("/stop")
def ask_stop(request: Request, fee_id: FeeId) -> Response:
    """What 停用 means for the next run."""
    with at_desk(request) as desk:
        return sure(request, desk, _stopping(desk, editable(desk, fee_id)))


@router.post("/stop")
def stop(request: Request, fee_id: FeeId, form_key: FormKey = "") -> Response:
    """Not billed from the next run on."""
    return _switch(request, fee_id, form_key, active=False)


@router.get("/start")
def ask_start(request: Request, fee_id: FeeId) -> Response:
    """What 启用 means for the next run, and for months that lack the item."""
    with at_desk(request) as desk:
        return sure(request, desk, _starting(editable(desk, fee_id)))


@router.post("/start")
def start(request: Request, fee_id: FeeId, form_key: FormKey = "") -> Response:
    """Billed again from the next run on."""
    return _switch(request, fee_id, form_key, active=True)


def _switch(request: Request, fee_id: int, form_key: str, *, active: bool) -> Response:
    with at_desk(request, form_key=form_key) as desk:
        item = editable(desk, fee_id)
        editing.switch(desk.session, item, active=active, by=desk.access.actor, at=desk.at)
    return RedirectResponse(f"/desk/fees/{fee_id}?done={'started' if active else 'stopped'}", 303)


def _stopping(desk: Desk, item: FeeItem) -> Sure:
    charged = listing.count_charges(desk.session, item.id, on=clock.local_day(desk.at))
    return Sure(
        here="fees",
        title="停用费用",
        sentence=f"停用「{item.name}」，下次出账起不再算它",
        figures=[("单独登记的房屋", f"{charged:,} 条，原样保留")],
        warnings=[
            "已经出的账单不变，欠的照收；正在审批的这批也不变。",
            "停用的时候，出过账的月份补账也不补它：红冲了的账单里，这一项不会再出。",
        ],
        action=f"/desk/fees/{item.id}/stop",
        button="停用",
        back=f"/desk/fees/{item.id}",
        blocked="" if item.active else "这项费用已经停用了。",
        grave=True,
    )


def _starting(item: FeeItem) -> Sure:
    return Sure(
        here="fees",
        title="启用费用",
        sentence=f"启用「{item.name}」，下次出账起又算它",
        warnings=["停用期间出过账的月份不会自己补；如果再发起那个月的出账，会把这一项补上。"],
        action=f"/desk/fees/{item.id}/start",
        button="启用",
        back=f"/desk/fees/{item.id}",
        blocked="这项费用本来就在用。" if item.active else "",
    )
