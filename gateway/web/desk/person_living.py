"""入住、搬离、改缴费人: what changes from which day, and what stays as it was."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError
from domain.people import living, paying
from domain.people import page as people
from domain.people.model import Occupancy
from domain.rooms.model import Room
from gateway.web.days import day
from gateway.web.desk.person_editing import FormStay
from gateway.web.desk.person_typed import StayTyped
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, PersonId, StayId, Typed
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/people/{person_id}/stays")


@router.get("/new")
def ask(request: Request, person_id: PersonId) -> Response:
    """Which room, since when, as what."""
    with at_desk(request) as desk:
        blank = StayTyped(from_on=clock.local_day(desk.at).isoformat())
        return _new(request, desk, person_id, blank)


@router.post("/new")
def move_in(
    request: Request, person_id: PersonId, stay: FormStay, form_key: FormKey = ""
) -> Response:
    """The person in a room of their community."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            person = people.reach(desk.session, desk.access, "people.edit", person_id)
            room = living.room_by_code(desk.session, person.community_id, stay.code)
            by = _may(desk, room)
            row = living.move_in(desk.session, room, person, stay.facts(), by=by, at=desk.at)
            if stay.pays:
                paying.pay_from(desk.session, row, row.from_on, by=by, at=desk.at)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return _new(request, desk, person_id, stay, refusal=refusal)
    done = "payer" if stay.pays else "moved"
    return RedirectResponse(f"/desk/people/{person_id}?done={done}", 303)


@router.get("/{stay_id}")
def show(request: Request, person_id: PersonId, stay_id: StayId) -> Response:
    """One entry with what can be done about it, each with its consequence in words."""
    with at_desk(request) as desk:
        return _one(request, desk, person_id, stay_id)


@router.post("/{stay_id}/end")
def end(
    request: Request,
    person_id: PersonId,
    stay_id: StayId,
    to_on: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Gone from a day on."""

    def act(desk: Desk, row: Occupancy, by: Any) -> str:
        unpaid = living.end(desk.session, row, day(to_on, "搬离日"), by=by, at=desk.at)
        return "unpaid" if unpaid else "ended"

    return _acted(request, person_id, stay_id, act, form_key=form_key, typed={"to_on": to_on})


@router.post("/{stay_id}/payer")
def pay(
    request: Request,
    person_id: PersonId,
    stay_id: StayId,
    since: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Pays from a day on; whoever paid until then keeps the earlier days."""

    def act(desk: Desk, row: Occupancy, by: Any) -> str:
        paying.pay_from(desk.session, row, day(since, "缴费开始日"), by=by, at=desk.at)
        return "payer"

    return _acted(request, person_id, stay_id, act, form_key=form_key, typed={"since": since})


@router.post("/{stay_id}/remove")
def remove(
    request: Request, person_id: PersonId, stay_id: StayId, form_key: FormKey = ""
) -> Response:
    """Take out an entry made by mistake."""

    def act(desk: Desk, row: Occupancy, by: Any) -> str:
        living.remove(desk.session, row, by=by, at=desk.at)
        return "removed"

    return _acted(request, person_id, stay_id, act, form_key=form_key, typed={})


def _acted(
    request: Request,
    person_id: int,
    stay_id: int,
    act: Callable[[Desk, Occupancy, Any], str],
    *,
    form_key: str,
    typed: dict[str, str],
) -> Response:
    try:
        with at_desk(request, form_key=form_key) as desk:
            row, room = _entry(desk, person_id, stay_id)
            done = act(desk, row, _may(desk, room))
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale | living.StayNotFound):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return _one(request, desk, person_id, stay_id, refusal=refusal, typed=typed)
    return RedirectResponse(f"/desk/people/{person_id}?done={done}", 303)


def _entry(desk: Desk, person_id: int, stay_id: int) -> tuple[Occupancy, Room]:
    people.reach(desk.session, desk.access, "people.edit", person_id)
    row, room = living.stay(desk.session, person_id, stay_id)
    _may(desk, room)
    return row, room


def _may(desk: Desk, room: Room) -> Any:
    return desk.may("people.edit", community_id=room.community_id, building_id=room.building_id)


def _new(
    request: Request,
    desk: Desk,
    person_id: int,
    stay: StayTyped,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    person, community = people.at_home(desk.session, desk.access, "people.edit", person_id)
    return page(
        request, "desk/stay_new.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="people", person=person, stay=stay, community=community,
        refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _one(
    request: Request,
    desk: Desk,
    person_id: int,
    stay_id: int,
    *,
    refusal: BackOfficeError | None = None,
    typed: dict[str, str] | None = None,
) -> Response:
    row, room = _entry(desk, person_id, stay_id)
    on = clock.local_day(desk.at)
    mates = people.household(desk.session, [room.id], but=person_id, on=on).get(room.id, [])
    return page(
        request, "desk/stay.html", status=face(refusal).status if refusal else 200, desk=desk,
        here="people", person=people.reach(desk.session, desk.access, "people.edit", person_id),
        row=row, room=room, payer=next((one for one in mates if one.is_payer), None),
        typed={"to_on": "", "since": "", **(typed or {})},
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
