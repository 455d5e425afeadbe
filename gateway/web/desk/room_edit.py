"""A room added or corrected: where it is, what it is, when it was handed over."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.errors import BackOfficeError, Invalid
from domain.rooms import buildings, editing, listing
from domain.rooms.editing import RoomFacts
from domain.rooms.model import ROOM_KIND_NAMES, Building, Room, RoomKind
from gateway.excel.rooms import room_from_columns
from gateway.web.attempts import attempt, chosen, status
from gateway.web.days import optional_day
from gateway.web.desk.rooms_page import editable
from gateway.web.fields import FormKey, RoomId, Typed, one_line
from gateway.web.numbers import optional_number
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/rooms")


@dataclass(frozen=True)
class RoomTyped:
    """The form of a room, as it was typed."""

    building: str = ""
    entrance: str = ""
    door: str = ""
    kind: str = RoomKind.RESIDENTIAL.value
    handover_on: str = ""
    built: str = ""
    indoor: str = ""
    from_on: str = ""

    def facts(self, building: Building) -> RoomFacts:
        """Read; entrance and door in any way people write them."""
        if self.kind not in list(RoomKind):
            raise Invalid("请选择房屋类型")
        found = room_from_columns(building.code, one_line(self.entrance), one_line(self.door))
        return RoomFacts(
            found.entrance, found.door, RoomKind(self.kind),
            optional_day(self.handover_on, "交付日期"),
        )  # fmt: skip

    @classmethod
    def of(cls, row: Room) -> "RoomTyped":
        """The stored room as a form shows it."""
        handover = row.handover_on.isoformat() if row.handover_on else ""
        return cls(str(row.building_id), row.entrance or "", row.door, row.kind.value, handover)


def typed(
    building: Typed = "",
    entrance: Typed = "",
    door: Typed = "",
    kind: Typed = RoomKind.RESIDENTIAL.value,
    handover_on: Typed = "",
    built: Typed = "",
    indoor: Typed = "",
    from_on: Typed = "",
) -> RoomTyped:
    """The fields of the form."""
    return RoomTyped(building, entrance, door, kind, handover_on, built, indoor, from_on)


FormRoom = Annotated[RoomTyped, Depends(typed)]


@router.get("/new")
def ask(request: Request, building: str = "") -> Response:
    """An empty form; the building chosen when it was opened from one."""
    with at_desk(request) as desk:
        blank = RoomTyped(building=building[:18], from_on=clock.local_day(desk.at).isoformat())
        return _new(request, desk, blank)


@router.post("/new")
def create(request: Request, entered: FormRoom, form_key: FormKey = "") -> Response:
    """A new room, with its area if one was given."""
    with at_desk(request, form_key=form_key) as desk:
        desk.access.require_somewhere("rooms.edit")
        made = attempt(desk, lambda: _created(desk, entered))
        if isinstance(made, BackOfficeError):
            return _new(request, desk, entered, refusal=made)
    return RedirectResponse(f"/desk/rooms/{made.id}?done=created", 303)


@router.get("/{room_id}/edit")
def open_form(request: Request, room_id: RoomId) -> Response:
    """The room in a form."""
    with at_desk(request) as desk:
        row = editable(desk, room_id)
        return _edit(request, desk, row, RoomTyped.of(row), editing.seen(row))


@router.post("/{room_id}/edit")
def edit(
    request: Request, room_id: RoomId, entered: FormRoom, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Save it; a room stays in its building."""
    with at_desk(request, form_key=form_key) as desk:
        row = editable(desk, room_id)
        building = buildings.find(desk.session, row.building_id)
        saved = attempt(
            desk,
            lambda: editing.edit(
                desk.session, row, entered.facts(building),
                opened=opened, by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            if isinstance(saved, editing.RoomChanged):
                opened = editing.seen(row)
            return _edit(request, desk, row, entered, opened, refusal=saved)
    return RedirectResponse(f"/desk/rooms/{room_id}?done=edited", 303)


def _created(desk: Desk, entered: RoomTyped) -> Room:
    building = buildings.find(desk.session, chosen(entered.building, "楼栋"))
    by = desk.may("rooms.edit", community_id=building.community_id, building_id=building.id)
    area = editing.as_area(
        optional_number(entered.built, "建筑面积"), optional_number(entered.indoor, "套内面积"),
        optional_day(entered.from_on, "面积从哪天起"),
    )  # fmt: skip
    return editing.create(desk.session, building, entered.facts(building), area, by=by, at=desk.at)


def _new(
    request: Request, desk: Desk, entered: RoomTyped, *, refusal: BackOfficeError | None = None
) -> Response:
    desk.access.require_somewhere("rooms.edit")
    offered = listing.buildings(desk.session, desk.access, "rooms.edit")
    return page(
        request, "desk/room_new.html", status=status(refusal), desk=desk, here="rooms",
        entered=entered, buildings=[(key, f"{place} {name}") for key, place, name in offered],
        kinds=[(kind.value, name) for kind, name in ROOM_KIND_NAMES.items()],
        refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _edit(
    request: Request,
    desk: Desk,
    row: Room,
    entered: RoomTyped,
    opened: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "desk/room_edit.html", status=status(refusal), desk=desk, here="rooms",
        room=row, entered=entered, opened=opened,
        kinds=[(kind.value, name) for kind, name in ROOM_KIND_NAMES.items()],
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
