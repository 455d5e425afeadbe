"""Giving a colleague an account with an initial password, shown once."""

from fastapi import APIRouter, Request, Response

from domain.access import passwords
from domain.staff import desk as colleagues
from domain.staff import editing
from domain.staff.model import Staff
from gateway.web.fields import FormKey, StaffId
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/staff/{staff_id}/password")


@router.get("")
def ask(request: Request, staff_id: StaffId) -> Response:
    """What issuing means, before it is done."""
    with at_desk(request) as desk:
        person = _within_reach(desk, staff_id)
        has = passwords.of(desk.session, person.id) is not None
    return page(request, "desk/password.html", desk=desk, person=person, has=has, initial="")


@router.post("")
def issue(request: Request, staff_id: StaffId, form_key: FormKey = "") -> Response:
    """A new initial password; the old one and every sign-in end."""
    with at_desk(request, form_key=form_key) as desk:
        person = _within_reach(desk, staff_id)
        initial = passwords.issue(desk.session, person, by=desk.access.actor, at=desk.at)
    return page(request, "desk/password.html", desk=desk, person=person, has=True, initial=initial)


def _within_reach(desk: Desk, staff_id: int) -> Staff:
    """The colleague, if whoever asks manages accounts wherever this one works, and holds what they hold."""
    desk.access.require_somewhere("staff.edit")
    person = colleagues.working(desk.session, staff_id)
    editing.over(desk.session, desk.access, person)
    return person
