"""添加和修改员工, and giving and taking back their roles."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, Invalid, NotPermitted
from domain.staff import editing, giving
from domain.staff.editing import StaffFacts
from domain.staff.listing import reach
from domain.staff.model import Staff
from gateway.web.desk.staff_page import acted
from gateway.web.desk.staff_places import place, places
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, GrantId, StaffId, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/staff")


def staff_typed(
    login: Typed = "", name: Typed = "", position: Typed = "", wecom_userid: Typed = ""
) -> StaffFacts:
    """A colleague as a form sends them."""
    return StaffFacts(
        login=one_line(login).lower(),
        name=one_line(name),
        position=one_line(position),
        wecom_userid=one_line(wecom_userid),
    )


FormStaff = Annotated[StaffFacts, Depends(staff_typed)]
BLANK = StaffFacts("", "", "", "")


@router.get("/new")
def ask(request: Request) -> Response:
    """An empty form with a first role."""
    with at_desk(request) as desk:
        return _new(request, desk, BLANK)


@router.post("/new")
def create(
    request: Request,
    entered: FormStaff,
    role_id: Typed = "",
    where: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A colleague with a first role, so that somebody there can see them; both or nothing."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            desk.access.require_somewhere("staff.edit")
            person = editing.create(desk.session, desk.access, entered, at=desk.at)
            giving.give(desk.session, desk.access, person, _role(role_id), place(where), at=desk.at)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return _new(request, desk, entered, role_id, where, refusal=refusal)
    return RedirectResponse(f"/desk/staff/{person.id}?done=created", 303)


@router.get("/{staff_id}/edit")
def open_form(request: Request, staff_id: StaffId) -> Response:
    """The colleague's facts in a form."""
    with at_desk(request) as desk:
        person = _within_reach(desk, staff_id)
        entered = StaffFacts(
            person.login, person.name, person.position or "", person.wecom_userid or ""
        )
        return _edit(request, desk, person, entered, editing.seen(person))


@router.post("/{staff_id}/edit")
def edit(
    request: Request,
    staff_id: StaffId,
    entered: FormStaff,
    opened: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Save; refused with everything still typed when it cannot be."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            person = _within_reach(desk, staff_id)
            editing.edit(desk.session, desk.access, person, entered, opened=opened, at=desk.at)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale | NotPermitted):
            raise
        with at_desk(request, form_key=form_key) as desk:
            person = _within_reach(desk, staff_id)
            changed = isinstance(refusal, editing.StaffChanged)
            now = editing.seen(person) if changed else opened
            return _edit(request, desk, person, entered, now, refusal=refusal)
    return RedirectResponse(f"/desk/staff/{staff_id}?done=edited", 303)


@router.post("/{staff_id}/roles")
def give(
    request: Request,
    staff_id: StaffId,
    role_id: Typed = "",
    where: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """A role in a place."""

    def act(desk: Desk, person: Staff) -> str:
        giving.give(desk.session, desk.access, person, _role(role_id), place(where), at=desk.at)
        return "granted"

    entered = {"role_id": role_id, "place": where}
    return acted(request, staff_id, act, form_key=form_key, entered=entered)


@router.post("/{staff_id}/roles/{grant_id}/revoke")
def take_back(
    request: Request, staff_id: StaffId, grant_id: GrantId, form_key: FormKey = ""
) -> Response:
    """Take a role back."""

    def act(desk: Desk, person: Staff) -> str:
        giving.take_back(desk.session, desk.access, person, grant_id, at=desk.at)
        return "revoked"

    return acted(request, staff_id, act, form_key=form_key)


def _within_reach(desk: Desk, staff_id: int) -> Staff:
    person = reach(desk.session, desk.access, "staff.edit", staff_id)
    editing.over(desk.session, desk.access, person)
    return person


def _role(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or len(typed) > 18:
        raise Invalid("请选择岗位")
    return int(typed)


def _new(
    request: Request,
    desk: Desk,
    entered: StaffFacts,
    role_id: str = "",
    where: str = "",
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    desk.access.require_somewhere("staff.edit")
    chosen: dict[str, Any] = {"role_id": role_id, "place": where}
    return page(
        request, "desk/staff_new.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="staff", facts=entered, entered=chosen, roles=giving.roles(desk.session),
        places=places(desk, "staff.edit"), refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _edit(
    request: Request,
    desk: Desk,
    person: Staff,
    entered: StaffFacts,
    opened: str,
    *,
    refusal: BackOfficeError | None = None,
) -> Response:
    return page(
        request, "desk/staff_edit.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="staff", person=person, facts=entered, opened=opened,
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
