"""The buttons of the operator's panel on the first page."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError

from gateway.sandbox.box import box_of
from gateway.sandbox.faults import Fault
from gateway.sandbox.limits import LimitValues
from gateway.sandbox.pages import back
from gateway.sandbox.refusals import Refused
from gateway.sandbox.trouble import EFFECTS, PATHS

router = APIRouter(prefix="/panel")


@router.post("/clock")
async def clock(request: Request) -> Response:
    """Jump ahead, back to real time, or to a moment."""
    form, box = await request.form(), box_of(request)
    if form.get("at"):
        box.clock.shift_at(moment(str(form["at"])))
    elif form.get("advance"):
        box.clock.shift_to(box.clock.offset + whole(form["advance"]))
    else:
        box.clock.shift_to(0)
    return back("/")


@router.post("/faults")
async def faults(request: Request) -> Response:
    """One more line of trouble."""
    form = await request.form()
    effect = EFFECTS.get(str(form.get("effect")))
    path = str(form.get("path"))
    if effect is None or path not in PATHS:
        raise Refused("没有这样的故障，请从列表里选一种")
    times = min(max(1, whole(form.get("times", "1"))), 1000)
    box_of(request).script.add([Fault(path=path, times=times, **effect[1])])
    return back("/")


@router.post("/faults/clear")
async def clear_faults(request: Request) -> Response:
    """All well again."""
    box_of(request).script.clear()
    return back("/")


@router.post("/limits")
async def limits(request: Request) -> Response:
    """Other ceilings."""
    form = await request.form()
    try:
        values = LimitValues.model_validate(dict(form))
    except ValidationError:
        raise Refused("上限要填不小于 0 的整数") from None
    box_of(request).limits.change(values)
    return back("/")


def whole(typed: Any) -> int:
    """A whole number as typed."""
    try:
        return int(str(typed))
    except ValueError:
        raise Refused("请填一个整数") from None


def moment(typed: str) -> datetime:
    """A date and time as a browser's picker writes it."""
    try:
        return datetime.fromisoformat(typed)
    except ValueError:
        raise Refused("请选一个完整的日期和时间") from None
