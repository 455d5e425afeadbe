"""装表: a room's first meter, or one more."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.errors import BackOfficeError, Invalid
from domain.meters import fitting
from domain.meters.fitting import FitFacts
from domain.meters.model import METER_KIND_NAMES, MeterKind
from domain.rooms import editing
from domain.rooms import queries as rooms
from domain.rooms.model import Room
from gateway.web.attempts import attempt, status
from gateway.web.days import day
from gateway.web.fields import FormKey, RoomId, Typed, one_line
from gateway.web.numbers import number, optional_number, whole
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/rooms/{room_id}/meters")

KINDS = [(kind.value, name) for kind, name in METER_KIND_NAMES.items()]


@dataclass(frozen=True)
class FitTyped:
    """The form, as it was typed."""

    on: str = ""
    kind: str = ""
    serial: str = ""
    opening: str = "0"
    multiplier: str = "1"
    digits: str = "6"

    def facts(self) -> FitFacts:
        """Read, or a refusal that names the field."""
        if self.kind not in list(MeterKind):
            raise Invalid("请选择是哪种表")
        return FitFacts(
            on=day(self.on, "装表日期"),
            kind=MeterKind(self.kind),
            serial=one_line(self.serial),
            opening=number(self.opening or "0", "起始读数"),
            multiplier=optional_number(self.multiplier, "倍率") or number("1", "倍率"),
            digits=whole(self.digits, "整数位数", most=12),
        )


def typed(
    on: Typed = "",
    kind: Typed = "",
    serial: Typed = "",
    opening: Typed = "0",
    multiplier: Typed = "1",
    digits: Typed = "6",
) -> FitTyped:
    """The fields of the form."""
    return FitTyped(on, kind, serial, opening, multiplier, digits)


@router.get("/new")
def ask(request: Request, room_id: RoomId) -> Response:
    """The form."""
    with at_desk(request) as desk:
        room = _mine(desk, room_id)
        return _form(request, desk, room, FitTyped(clock.local_day(desk.at).isoformat()))


@router.post("")
def fit(
    request: Request,
    room_id: RoomId,
    entered: Annotated[FitTyped, Depends(typed)],
    form_key: FormKey = "",
) -> Response:
    """Fit it; the page of the meter opens."""
    with at_desk(request, form_key=form_key) as desk:
        room = _mine(desk, room_id)
        made = attempt(
            desk,
            lambda: fitting.fit(
                desk.session, room, entered.facts(), by=desk.access.actor, at=desk.at
            ),
        )
        if isinstance(made, BackOfficeError):
            return _form(request, desk, room, entered, refusal=made)
    return RedirectResponse(f"/desk/meters/{made.id}?done=fitted", 303)


def _mine(desk: Desk, room_id: int) -> Room:
    room = editing.find(desk.session, room_id)
    desk.may("meters.edit", community_id=room.community_id, building_id=room.building_id)
    return room


def _form(
    request: Request,
    desk: Desk,
    room: Room,
    entered: FitTyped,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    place = {"community_id": room.community_id, "building_id": room.building_id}
    return page(
        request, "desk/meter_fit.html", status=status(refusal), desk=desk, here="meters",
        room=rooms.facts(desk.session, room.id), kinds=KINDS, entered=entered,
        back=f"/desk/rooms/{room.id}" if desk.access.may("rooms.see", **place) else "/desk/meters",
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
