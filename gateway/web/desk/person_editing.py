"""登记和修改业主: the form, what was wrong with it, and the record of what changed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, Invalid
from domain.people import editing, living, paying
from domain.people import page as people
from domain.people.model import Person
from domain.staff.model import FieldAccess, PersonalField
from gateway.web.desk.person_typed import PersonTyped, StayTyped
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, PersonId, Typed
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.vault import vault_of

router = APIRouter(prefix="/desk/people")

Ticked = Annotated[bool, Form()]


def person_typed(
    name: Typed = "",
    phone: Typed = "",
    id_number: Typed = "",
    birth_on: Typed = "",
    consent: Ticked = False,  # noqa: FBT002 - a tick box of a form
    drop_phone: Ticked = False,  # noqa: FBT002
    drop_id_number: Ticked = False,  # noqa: FBT002
) -> PersonTyped:
    """The person's part of a form."""
    return PersonTyped(name, phone, id_number, birth_on, consent, drop_phone, drop_id_number)


def stay_typed(
    room: Typed = "",
    role: Typed = "owner",
    relation: Typed = "",
    share: Typed = "",
    from_on: Typed = "",
    to_on: Typed = "",
    pays: Ticked = False,  # noqa: FBT002 - a tick box of a form
) -> StayTyped:
    """The room's part of a form."""
    return StayTyped(room, role, relation, share, from_on, to_on, pays)


FormPerson = Annotated[PersonTyped, Depends(person_typed)]
FormStay = Annotated[StayTyped, Depends(stay_typed)]


@router.get("/new")
def ask(request: Request, community: str = "", room: str = "") -> Response:
    """An empty form; `community` and `room` when it was opened from a room."""
    with at_desk(request) as desk:
        blank = StayTyped(room=room[:40], from_on=clock.local_day(desk.at).isoformat())
        return _new(request, desk, PersonTyped(), blank, community)


@router.post("/new")
def create(
    request: Request,
    person: FormPerson,
    stay: FormStay,
    community_id: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A new person, and where they live if a room was given; all of it or nothing."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            desk.access.require_somewhere("people.edit")
            made = _created(desk, person, stay, community_id)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return _new(request, desk, person, stay, community_id, refusal=refusal)
    done = "moved" if stay.room.strip() else "created"
    return RedirectResponse(f"/desk/people/{made.id}?done={done}", 303)


def _created(desk: Desk, person: PersonTyped, stay: StayTyped, community: str) -> Person:
    if not community.isascii() or not community.isdigit() or len(community) > 18:
        raise Invalid("请选择小区")
    here = int(community)
    by = desk.may("people.edit", community_id=here)
    act: dict[str, Any] = {"by": by, "at": desk.at}
    vault = vault_of(desk.config)
    made = editing.create(desk.session, vault, here, person.facts(), **act)
    if stay.room.strip():
        room = living.room_by_code(desk.session, here, stay.code)
        row = living.move_in(desk.session, room, made, stay.facts(), **act)
        if stay.pays:
            paying.pay_from(desk.session, row, row.from_on, **act)
    return made


def _new(
    request: Request,
    desk: Desk,
    person: PersonTyped,
    stay: StayTyped,
    community: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    desk.access.require_somewhere("people.edit")
    return page(
        request, "desk/person_new.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="people", entered=person, stay=stay, community=community,
        communities=desk.access.communities(desk.session, "people.edit", whole=True),
        refusal=refusal.message if refusal else "",
    )  # fmt: skip


@router.get("/{person_id}/edit")
def open_form(request: Request, person_id: PersonId) -> Response:
    """The person's facts in a form; numbers stay masked, an empty field keeps what is stored."""
    with at_desk(request) as desk:
        person = people.reach(desk.session, desk.access, "people.edit", person_id)
        birth = person.birth_on.isoformat() if person.birth_on else ""
        entered = PersonTyped(name=person.name, birth_on=birth)
        return _edit(request, desk, person, entered, editing.seen(person))


@router.post("/{person_id}/edit")
def edit(
    request: Request,
    person_id: PersonId,
    entered: FormPerson,
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Save; refused with everything still typed when it cannot be."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            person = people.reach(desk.session, desk.access, "people.edit", person_id)
            facts = _allowed(desk, person, entered).facts()
            editing.edit(
                desk.session, vault_of(desk.config), person, facts,
                opened=opened, by=desk.access.actor, at=desk.at,
            )  # fmt: skip
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale):
            raise
        with at_desk(request, form_key=form_key) as desk:
            person = people.reach(desk.session, desk.access, "people.edit", person_id)
            changed = isinstance(refusal, editing.PersonChanged)
            opened = editing.seen(person) if changed else opened
            return _edit(request, desk, person, entered, opened, refusal=refusal)
    return RedirectResponse(f"/desk/people/{person_id}?done=edited", 303)


def _allowed(desk: Desk, person: Person, entered: PersonTyped) -> PersonTyped:
    """Without what the colleague may not even see masked: that stays as it is."""
    shown = people.fields(desk.session, desk.access, person)
    phone = shown[PersonalField.PHONE] != FieldAccess.NONE
    number = shown[PersonalField.ID_NUMBER] != FieldAccess.NONE
    return PersonTyped(
        name=entered.name,
        phone=entered.phone if phone else "",
        id_number=entered.id_number if number else "",
        birth_on=entered.birth_on,
        consent=entered.consent,
        drop_phone=entered.drop_phone and phone,
        drop_id_number=entered.drop_id_number and number,
    )


def _edit(
    request: Request,
    desk: Desk,
    person: Person,
    entered: PersonTyped,
    opened: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "desk/person_edit.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="people", person=person, entered=entered, opened=opened,
        fields=people.fields(desk.session, desk.access, person),
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
