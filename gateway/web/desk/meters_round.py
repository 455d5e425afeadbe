"""逐栋录入: the meters of a building that were not read this month, one field each, saved together."""

from collections.abc import Collection, Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import StringConstraints

from domain import clock
from domain.errors import BackOfficeError
from domain.history import audit
from domain.meters import listing, reading
from domain.meters.listing import MeterNotFound
from domain.meters.model import ReadingKind
from domain.meters.reading import ReadingFacts
from domain.rooms import buildings
from domain.rooms.model import Building
from gateway.web.attempts import attempt, status
from gateway.web.days import day
from gateway.web.fields import BuildingId, FormKey, Id, Typed
from gateway.web.numbers import number, plain
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/meters/round")

Meters = Annotated[list[Id], Form(max_length=listing.ROUND)]
Values = Annotated[
    list[Annotated[str, StringConstraints(max_length=40)]], Form(max_length=listing.ROUND)
]


@router.get("")
def choose(request: Request) -> Response:
    """Buildings with how many meters are still to be read."""
    with at_desk(request) as desk:
        desk.access.require_somewhere("meters.edit")
        on = clock.local_day(desk.at)
        rows = listing.rounds(desk.session, desk.access, on=on)
    return page(request, "desk/meters_rounds.html", desk=desk, here="meters", rows=rows, on=on)


@router.get("/{building_id}")
def ask(request: Request, building_id: BuildingId, done: str = "") -> Response:
    """One field for each meter."""
    with at_desk(request) as desk:
        row = _mine(desk, building_id)
        count = int(done) if done.isascii() and done.isdigit() and len(done) < 5 else 0
        said = f"已保存 {count} 块表的读数。" if count else ""
        return _form(request, desk, row, clock.local_day(desk.at).isoformat(), done=said)


@router.post("/{building_id}")
def save(
    request: Request,
    building_id: BuildingId,
    meter: Meters = [],  # noqa: B006 - FastAPI copies it
    value: Values = [],  # noqa: B006
    rolled: Meters = [],  # noqa: B006
    estimated: Meters = [],  # noqa: B006
    read_on: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Save every row that can be; a row that cannot keeps what was typed, with the reason."""
    with at_desk(request, form_key=form_key) as desk:
        row = _mine(desk, building_id)
        typed = {one: text for one, text in zip(meter, value, strict=False) if text.strip()}
        on = attempt(desk, lambda: day(read_on, "抄表日期"))
        if isinstance(on, BackOfficeError):
            return _form(request, desk, row, read_on, typed=typed, refusal=on.message, wrong=on)
        refused: dict[int, BackOfficeError] = {}
        for one, text in typed.items():
            kind = ReadingKind.ESTIMATED if one in estimated else ReadingKind.ACTUAL

            def put(one: int = one, text: str = text, kind: ReadingKind = kind) -> object:
                facts = ReadingFacts(on, number(text, "读数"), kind, one in rolled)
                return _put(desk, building_id, one, facts)

            saved = attempt(desk, put)
            if isinstance(saved, BackOfficeError):
                refused[one] = saved
        count = len(typed) - len(refused)
        if count:
            audit.record(
                desk.session, "meter.round", subject="building", subject_id=row.id,
                by=desk.access.actor, at=desk.at, read_on=on.isoformat(), readings=count,
            )  # fmt: skip
        if refused:
            said = f"已保存 {count} 块表的读数。" if count else ""
            return _form(
                request, desk, row, read_on, typed=typed, refused=refused, ticked=rolled,
                guessed=estimated, done=said, wrong=next(iter(refused.values())),
                refusal=f"有 {len(refused)} 块表的读数没有保存，原因写在各行下面，改好再保存",
            )  # fmt: skip
    return RedirectResponse(f"/desk/meters/round/{building_id}?done={count}", 303)


def _mine(desk: Desk, building_id: int) -> Building:
    row = buildings.find(desk.session, building_id)
    desk.may("meters.edit", community_id=row.community_id, building_id=row.id)
    return row


def _put(desk: Desk, building_id: int, meter_id: int, facts: ReadingFacts) -> object:
    """A meter of this very building; anybody else's id leads nowhere."""
    row, room = listing.find(desk.session, meter_id)
    if room.building_id != building_id:
        raise MeterNotFound("没有找到这块表")
    return reading.put(desk.session, row, facts, today=clock.local_day(desk.at))


def _form(
    request: Request,
    desk: Desk,
    row: Building,
    read_on: str,
    *,
    typed: Mapping[int, str] | None = None,
    refused: Mapping[int, BackOfficeError] | None = None,
    ticked: Collection[int] = (),
    guessed: Collection[int] = (),
    done: str = "",
    refusal: str = "",
    wrong: BackOfficeError | None = None,
) -> Response:
    rows: Sequence[listing.MeterRow] = listing.missing(
        desk.session, row.id, on=clock.local_day(desk.at)
    )
    shown = {one.id for one in rows}
    late = [one for one in (refused or {}) if one not in shown]  # read by somebody else meanwhile
    return page(
        request, "desk/meters_round.html", status=status(wrong), desk=desk, here="meters",
        building=row, rows=rows, typed=typed or {}, ticked=ticked, guessed=guessed, plain=plain,
        refused={key: error.message for key, error in (refused or {}).items()}, late=len(late),
        read_on=read_on, done=done, refusal=refusal, most=listing.ROUND,
    )  # fmt: skip
