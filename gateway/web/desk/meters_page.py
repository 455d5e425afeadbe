"""One meter: its readings, a new one, and its swap for another."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.errors import BackOfficeError
from domain.meters import listing, reading, swapping
from domain.meters.model import Meter, ReadingKind
from domain.meters.reading import ReadingFacts
from domain.meters.swapping import SwapFacts
from domain.rooms import queries as rooms
from domain.rooms.model import Room
from gateway.web.attempts import attempt, status
from gateway.web.days import day
from gateway.web.desk.meters import READING_NAMES
from gateway.web.fields import FormKey, MeterId, Typed, one_line
from gateway.web.numbers import number, optional_number, plain, whole
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/meters/{meter_id}")

Ticked = Annotated[bool, Form()]
READINGS = 60
DONE = {
    "fitted": "表已登记，从装表那天的读数开始计量；下次抄表就能录入了。",
    "read": "读数已保存，下次出账会用它。",
    "swapped": "新表已登记，旧表用到换表那天为止；以后抄这块新表。",
}


@dataclass(frozen=True)
class SwapTyped:
    """The form of a swap, as it was typed."""

    on: str = ""
    closing: str = ""
    serial: str = ""
    opening: str = "0"
    multiplier: str = "1"
    digits: str = "6"
    rolled_over: bool = False

    def facts(self) -> SwapFacts:
        """Read, or a refusal that names the field."""
        return SwapFacts(
            on=day(self.on, "换表日期"),
            closing=number(self.closing, "旧表拆下时的读数"),
            serial=one_line(self.serial),
            opening=number(self.opening or "0", "新表起始读数"),
            multiplier=optional_number(self.multiplier, "倍率") or number("1", "倍率"),
            digits=whole(self.digits, "整数位数", most=12),
            rolled_over=self.rolled_over,
        )


@dataclass(frozen=True)
class ReadingTyped:
    """The form of a reading, as it was typed."""

    read_on: str = ""
    value: str = ""
    estimated: bool = False
    rolled_over: bool = False

    def facts(self) -> ReadingFacts:
        """Read, or a refusal that names the field."""
        kind = ReadingKind.ESTIMATED if self.estimated else ReadingKind.ACTUAL
        value = number(self.value, "读数")
        return ReadingFacts(day(self.read_on, "抄表日期"), value, kind, self.rolled_over)


def reading_typed(
    read_on: Typed = "",
    value: Typed = "",
    estimated: Ticked = False,  # noqa: FBT002 - a tick box of a form
    rolled_over: Ticked = False,  # noqa: FBT002
) -> ReadingTyped:
    """The fields of the form."""
    return ReadingTyped(read_on, value, estimated, rolled_over)


def swap_typed(
    on: Typed = "",
    closing: Typed = "",
    serial: Typed = "",
    opening: Typed = "0",
    multiplier: Typed = "1",
    digits: Typed = "6",
    rolled_over: Ticked = False,  # noqa: FBT002 - a tick box of a form
) -> SwapTyped:
    """The fields of the form."""
    return SwapTyped(on, closing, serial, opening, multiplier, digits, rolled_over)


@router.get("")
def meter(request: Request, meter_id: MeterId, done: str = "") -> Response:
    """The meter with its readings and what was used between them."""
    with at_desk(request) as desk:
        row, room = listing.find(desk.session, meter_id)
        desk.may("meters.see", community_id=room.community_id, building_id=room.building_id)
        return _show(request, desk, row, room, done=DONE.get(done, ""))


@router.post("/reading")
def read(
    request: Request,
    meter_id: MeterId,
    entered: Annotated[ReadingTyped, Depends(reading_typed)],
    form_key: FormKey = "",
) -> Response:
    """Enter a reading; one that turns back is refused in words."""
    with at_desk(request, form_key=form_key) as desk:
        row, room = _mine(desk, meter_id)
        saved = attempt(
            desk,
            lambda: reading.enter(
                desk.session, row, entered.facts(), by=desk.access.actor, at=desk.at
            ),
        )
        if isinstance(saved, BackOfficeError):
            return _show(request, desk, row, room, entered=entered, refusal=saved)
    return RedirectResponse(f"/desk/meters/{meter_id}?done=read", 303)


@router.post("/swap")
def swap(
    request: Request,
    meter_id: MeterId,
    entered: Annotated[SwapTyped, Depends(swap_typed)],
    form_key: FormKey = "",
) -> Response:
    """Another device in its place; the page of the new one opens."""
    with at_desk(request, form_key=form_key) as desk:
        row, room = _mine(desk, meter_id)
        made = attempt(
            desk,
            lambda: swapping.swap(
                desk.session, row, entered.facts(), by=desk.access.actor, at=desk.at
            ),
        )
        if isinstance(made, BackOfficeError):
            return _show(request, desk, row, room, swap=entered, refusal=made)
    return RedirectResponse(f"/desk/meters/{made.id}?done=swapped", 303)


def _mine(desk: Desk, meter_id: int) -> tuple[Meter, Room]:
    row, room = listing.find(desk.session, meter_id)
    desk.may("meters.edit", community_id=room.community_id, building_id=room.building_id)
    return row, room


def _show(
    request: Request,
    desk: Desk,
    row: Meter,
    room: Room,
    *,
    entered: ReadingTyped | None = None,
    swap: SwapTyped | None = None,
    done: str = "",
    refusal: BackOfficeError | None = None,
) -> Response:
    on = clock.local_day(desk.at)
    place = {"community_id": room.community_id, "building_id": room.building_id}
    blank = SwapTyped(on=on.isoformat(), multiplier=plain(row.multiplier), digits=str(row.digits))
    return page(
        request, "desk/meter.html", status=status(refusal), desk=desk, here="meters", meter=row,
        room=rooms.facts(desk.session, room.id), plain=plain, names=READING_NAMES,
        readings=listing.readings(desk.session, row.id, limit=READINGS),
        edits=desk.access.may("meters.edit", **place),
        rooms_seen=desk.access.may("rooms.see", **place),
        entered=entered or ReadingTyped(on.isoformat()), swap=swap or blank,
        swap_open=swap is not None, done=done, refusal=refusal.message if refusal else "",
    )  # fmt: skip
