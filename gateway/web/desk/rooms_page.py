"""One room on one page, and its dated facts: areas and vacancies."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills import reading
from domain.errors import BackOfficeError
from domain.people import queries as people
from domain.rooms import areas, editing, page, queries, vacancies
from domain.rooms.areas import AreaFacts
from domain.rooms.model import Room
from domain.rooms.queries import RoomFacts
from gateway.web.attempts import attempt, status
from gateway.web.days import day, optional_day
from gateway.web.fields import FormKey, RoomId, Typed, VacancyId, one_line
from gateway.web.numbers import number, optional_number, plain
from gateway.web.pages import page as render
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/rooms/{room_id}")

BILLS = 12
DONE = {
    "created": "房屋已登记。接着可以登记住户，或登记单独的收费。",
    "edited": "房屋已保存。",
    "area": "面积已登记，从那天起的新账单按它计算；已经出的账单不变。",
    "vacant": "空置已登记，这些天按收费标准里的空置减免计费。",
    "back": "空置到那天为止，从那天起正常计费。",
}


@dataclass(frozen=True)
class AreaTyped:
    """The form of an area, as it was typed."""

    from_on: str = ""
    built: str = ""
    indoor: str = ""
    weight: str = "1"

    def facts(self) -> AreaFacts:
        """Read, or a refusal that names the field."""
        return AreaFacts(
            day(self.from_on, "从哪天起"),
            number(self.built, "建筑面积"),
            optional_number(self.indoor, "套内面积"),
            number(self.weight or "1", "公摊权重"),
        )


@dataclass(frozen=True)
class VacancyTyped:
    """The form of a vacancy, as it was typed."""

    from_on: str = ""
    to_on: str = ""
    note: str = ""


def area_typed(
    from_on: Typed = "", built: Typed = "", indoor: Typed = "", weight: Typed = "1"
) -> AreaTyped:
    """The fields of the form."""
    return AreaTyped(from_on, built, indoor, weight)


def vacancy_typed(from_on: Typed = "", to_on: Typed = "", note: Typed = "") -> VacancyTyped:
    """The fields of the form."""
    return VacancyTyped(from_on, to_on, one_line(note))


@router.get("")
def room(request: Request, room_id: RoomId, done: str = "") -> Response:
    """Everything about a room that this colleague may see."""
    with at_desk(request) as desk:
        return show(request, desk, _seen(desk, room_id), done=DONE.get(done, ""))


@router.post("/area")
def correct_area(
    request: Request,
    room_id: RoomId,
    entered: Annotated[AreaTyped, Depends(area_typed)],
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """An area from a day on."""
    with at_desk(request, form_key=form_key) as desk:
        row = editable(desk, room_id)
        saved = attempt(
            desk,
            lambda: areas.correct(
                desk.session, row, entered.facts(),
                opened=opened, by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return show(
                request, desk, queries.facts(desk.session, row.id), area=entered, refusal=saved
            )
    return RedirectResponse(f"/desk/rooms/{room_id}?done=area", 303)


@router.post("/vacancy")
def begin_vacancy(
    request: Request,
    room_id: RoomId,
    entered: Annotated[VacancyTyped, Depends(vacancy_typed)],
    form_key: FormKey = "",
) -> Response:
    """Vacant from a day on."""
    with at_desk(request, form_key=form_key) as desk:
        row = editable(desk, room_id)
        saved = attempt(
            desk,
            lambda: vacancies.begin(
                desk.session, row, from_on=day(entered.from_on, "空置开始"),
                to_on=optional_day(entered.to_on, "空置结束"), note=entered.note or None,
                by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return show(
                request, desk, queries.facts(desk.session, row.id), vacancy=entered, refusal=saved
            )
    return RedirectResponse(f"/desk/rooms/{room_id}?done=vacant", 303)


@router.post("/vacancy/{vacancy_id}/end")
def end_vacancy(
    request: Request,
    room_id: RoomId,
    vacancy_id: VacancyId,
    to_on: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Somebody is back from a day on."""
    with at_desk(request, form_key=form_key) as desk:
        row = editable(desk, room_id)
        saved = attempt(
            desk,
            lambda: vacancies.end(
                desk.session, row, vacancy_id, to_on=day(to_on, "空置结束"),
                by=desk.access.actor, at=desk.at,
            ),
        )  # fmt: skip
        if isinstance(saved, BackOfficeError):
            return show(request, desk, queries.facts(desk.session, row.id), refusal=saved)
    return RedirectResponse(f"/desk/rooms/{room_id}?done=back", 303)


def editable(desk: Desk, room_id: int) -> Room:
    """The room, where the colleague may change it."""
    row = editing.find(desk.session, room_id)
    desk.may("rooms.edit", community_id=row.community_id, building_id=row.building_id)
    return row


def _seen(desk: Desk, room_id: int) -> RoomFacts:
    found = queries.facts(desk.session, room_id)
    desk.may("rooms.see", community_id=found.community_id, building_id=found.building_id)
    return found


def show(
    request: Request,
    desk: Desk,
    row: RoomFacts,
    *,
    area: AreaTyped | None = None,
    vacancy: VacancyTyped | None = None,
    done: str = "",
    refusal: BackOfficeError | None = None,
) -> Response:
    """The page, or the page again with what was typed."""
    session, on = desk.session, clock.local_day(desk.at)
    place: dict[str, Any] = dict(community_id=row.community_id, building_id=row.building_id)
    may = {
        name: desk.access.may(permission, **place)
        for name, permission in (
            ("edit", "rooms.edit"), ("people", "people.see"), ("move_in", "people.edit"),
            ("bills", "bills.see"), ("fees", "fees.see"), ("meters", "meters.see"),
            ("fit", "meters.edit"),
        )
    }  # fmt: skip
    may["take"] = desk.access.may("payments.take", community_id=row.community_id)
    held = areas.history(session, row.id)
    now = next((one for one in held if one.from_on <= on), None)
    return render(
        request, "desk/rooms_page.html", status=status(refusal), desk=desk, here="rooms",
        room=row, may=may, areas=held, plain=plain, today=on,
        opened=areas.seen(held), vacancies=vacancies.history(session, row.id),
        residents=people.residents(session, row.id, on=on) if may["people"] else [],
        charges=page.charges(session, row.id, on=on) if may["fees"] else [],
        meters=page.meters(session, row.id) if may["meters"] else [],
        bills=reading.of_room(session, row.id, limit=BILLS) if may["bills"] else [],
        area=area or AreaTyped(
            on.isoformat(), plain(now.built_area) if now else "",
            plain(now.indoor_area) if now else "", plain(now.share_weight) if now else "1",
        ),
        vacancy=vacancy or VacancyTyped(on.isoformat()), area_open=area is not None,
        vacancy_open=vacancy is not None, done=done, refusal=refusal.message if refusal else "",
    )  # fmt: skip
