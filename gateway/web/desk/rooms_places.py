"""小区和楼栋: opened, added, renamed."""

from itertools import groupby
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.company import editing
from domain.company.editing import CommunityFacts
from domain.errors import BackOfficeError
from domain.rooms import buildings, listing
from domain.rooms.model import Building
from gateway.web.attempts import attempt, chosen, status
from gateway.web.desk.beginning import first_import
from gateway.web.fields import BuildingId, FormKey, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/rooms")

DONE = {
    "community": "小区已开通。接着添加楼栋，或从“导入”一次导入房屋和业主。",
    "building": "楼栋已添加，可以在里面新增房屋了。",
    "renamed": "楼栋已改名，房号不变。",
}


@router.get("/places")
def places(request: Request, done: str = "") -> Response:
    """Communities with their buildings."""
    with at_desk(request) as desk:
        return _show(request, desk, done=DONE.get(done, ""))


@router.post("/communities")
def open_community(
    request: Request, name: Typed = "", address: Typed = "", form_key: FormKey = ""
) -> Response:
    """A new community: for who looks after the whole company."""
    with at_desk(request, form_key=form_key) as desk:
        by = desk.may("rooms.edit")
        facts = CommunityFacts(name=one_line(name), address=one_line(address))
        made = attempt(desk, lambda: editing.open_community(desk.session, facts, by=by, at=desk.at))
        if isinstance(made, BackOfficeError):
            return _show(request, desk, refusal=made, name=name, address=address)
    return RedirectResponse("/desk/rooms/places?done=community", 303)


@router.post("/buildings")
def add_building(
    request: Request,
    community: Typed = "",
    code: Typed = "",
    building_name: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A new building of a community."""
    with at_desk(request, form_key=form_key) as desk:
        desk.access.require_somewhere("rooms.edit")

        def add() -> object:
            place = editing.community(desk.session, chosen(community, "小区"))
            by = desk.may("rooms.edit", community_id=place.id)
            said = (one_line(code), one_line(building_name))
            return buildings.add(desk.session, place.id, *said, by=by, at=desk.at)

        made = attempt(desk, add)
        if isinstance(made, BackOfficeError):
            return _show(
                request, desk, refusal=made, community=community, code=code, building=building_name
            )
    return RedirectResponse("/desk/rooms/places?done=building", 303)


@router.get("/buildings/{building_id}")
def building(request: Request, building_id: BuildingId) -> Response:
    """A building's name in a form."""
    with at_desk(request) as desk:
        row = _mine(desk, building_id)
        return _form(request, desk, row, row.name, buildings.seen(row))


@router.post("/buildings/{building_id}")
def rename(
    request: Request,
    building_id: BuildingId,
    name: Typed = "",
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Call it something else."""
    with at_desk(request, form_key=form_key) as desk:
        row = _mine(desk, building_id)
        saved = attempt(
            desk,
            lambda: buildings.rename(
                desk.session, row, one_line(name), opened=opened, by=desk.access.actor, at=desk.at
            ),
        )
        if isinstance(saved, BackOfficeError):
            return _form(request, desk, row, name, buildings.seen(row), refusal=saved)
    return RedirectResponse("/desk/rooms/places?done=renamed", 303)


def _mine(desk: Desk, building_id: int) -> Building:
    row = buildings.find(desk.session, building_id)
    desk.may("rooms.edit", community_id=row.community_id, building_id=row.id)
    return row


def _show(
    request: Request,
    desk: Desk,
    *,
    done: str = "",
    refusal: BackOfficeError | None = None,
    **typed: str,
) -> Response:
    desk.access.require_somewhere("rooms.see")
    rows = listing.counted(desk.session, desk.access)
    mine = desk.access.communities(desk.session, "rooms.edit", whole=True)
    grouped: dict[str, Any] = {
        name: list(group) for name, group in groupby(rows, lambda row: row.community_name)
    }
    return page(
        request, "desk/rooms_places.html", status=status(refusal), desk=desk, here="rooms",
        places=[
            (one, grouped.get(one.name, []), first_import(desk, one.id))
            for one in desk.access.communities(desk.session, "rooms.see")
        ],
        mine=mine, choices=[(one.id, one.name) for one in mine],
        opens=desk.access.may("rooms.edit"), edits="rooms.edit" in desk.held,
        typed=typed, done=done, refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _form(
    request: Request,
    desk: Desk,
    row: Building,
    name: str,
    opened: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "desk/rooms_building.html", status=status(refusal), desk=desk, here="rooms",
        building=row, called=name, opened=opened, refusal=refusal.message if refusal else "",
    )  # fmt: skip
