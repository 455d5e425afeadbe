"""岗位和权限: the list of roles, and the form of one with what saving would change."""

from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import role_editing, roles
from domain.access.granting import AboveYou
from domain.access.permissions import MODULES, PERMISSIONS
from domain.access.role_editing import Change
from domain.access.roles import RoleFacts
from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, Invalid, NotPermitted
from domain.staff.model import (
    FIELD_ACCESS_NAMES,
    PERSONAL_FIELD_NAMES,
    FieldAccess,
    PersonalField,
    Role,
)
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, Id, RoleId, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/roles")

Codes = Annotated[list[str], Form(max_length=200)]
LikeId = Annotated[Id | None, Query()]


@dataclass(frozen=True)
class RoleTyped:
    """The form of a role, as it was typed and ticked."""

    name: str
    permissions: list[str]
    phone: str
    id_number: str

    def facts(self) -> RoleFacts:
        """Read, or a refusal."""
        levels = {PersonalField.PHONE: self.phone, PersonalField.ID_NUMBER: self.id_number}
        if not set(levels.values()) <= set(FieldAccess):
            raise Invalid("请选择电话和身份证号各能看到多少")
        fields = {field: FieldAccess(level) for field, level in levels.items()}
        return RoleFacts(one_line(self.name), frozenset(self.permissions), fields)


def role_typed(
    name: Typed = "",
    permissions: Codes = [],  # noqa: B006 - FastAPI copies it
    phone: Typed = "none",
    id_number: Typed = "none",
) -> RoleTyped:
    """The form of a role."""
    return RoleTyped(name, permissions, phone, id_number)


FormRole = Annotated[RoleTyped, Depends(role_typed)]


@router.get("/new")
def ask(request: Request, like: LikeId = None) -> Response:
    """An empty form; or one ticked like another role, as far as the colleague may give that."""
    with at_desk(request) as desk:
        desk.access.require_somewhere("roles.edit")
        if like is None:
            return _form(request, desk, RoleTyped("", [], "none", "none"), None)
        model = roles.reach(desk.session, desk.access, like)
        ticked = replace(_as_typed(roles.facts(desk.session, model)), name="")
        ticked = replace(
            ticked, permissions=[one for one in ticked.permissions if one in desk.held]
        )
        return _form(request, desk, ticked, None, like=model.name)


@router.post("/new")
def create(request: Request, entered: FormRole, form_key: FormKey = "") -> Response:
    """A role nobody holds yet: nothing to confirm."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            role_editing.create(desk.session, desk.access, entered.facts(), at=desk.at)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale) or _shut(refusal):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return _form(request, desk, entered, None, refusal=refusal)
    return RedirectResponse("/desk/roles?done=created", 303)


@router.get("/{role_id}")
def open_form(request: Request, role_id: RoleId) -> Response:
    """What a role carries, to be changed."""
    with at_desk(request) as desk:
        role = roles.reach(desk.session, desk.access, role_id)
        return _form(request, desk, _as_typed(roles.facts(desk.session, role)), role)


@router.post("/{role_id}/confirm")
def confirm(
    request: Request, role_id: RoleId, entered: FormRole, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """What would change and for how many colleagues; nothing has changed yet."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            role = roles.reach(desk.session, desk.access, role_id)
            change = role_editing.check(desk.session, desk.access, role, entered.facts())
            return _confirm(request, desk, role, entered, change, opened)
    except BackOfficeError as refusal:
        return _refused(request, role_id, entered, refusal, opened, form_key)


@router.post("/{role_id}/edit")
def edit(
    request: Request, role_id: RoleId, entered: FormRole, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Change the role for everybody who holds it."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            role = roles.reach(desk.session, desk.access, role_id)
            role_editing.edit(
                desk.session, desk.access, role, entered.facts(), opened=opened, at=desk.at
            )
    except BackOfficeError as refusal:
        return _refused(request, role_id, entered, refusal, opened, form_key)
    return RedirectResponse("/desk/roles?done=edited", 303)


def _refused(
    request: Request,
    role_id: int,
    entered: RoleTyped,
    refusal: BackOfficeError,
    opened: str,
    form_key: str,
) -> Response:
    """The form again, with what was ticked; after somebody else's edit, on the newest state."""
    if isinstance(refusal, NotSignedIn | FormStale) or _shut(refusal):
        raise refusal
    with at_desk(request, form_key=form_key) as desk:
        role = roles.reach(desk.session, desk.access, role_id)
        newest = isinstance(refusal, role_editing.RoleChanged)
        return _form(request, desk, entered, role, refusal=refusal, opened="" if newest else opened)


def _shut(refusal: BackOfficeError) -> bool:
    return isinstance(refusal, NotPermitted) and not isinstance(refusal, AboveYou)


def _as_typed(facts: RoleFacts) -> RoleTyped:
    phone, number = facts.fields[PersonalField.PHONE], facts.fields[PersonalField.ID_NUMBER]
    return RoleTyped(facts.name, sorted(facts.permissions), phone.value, number.value)


def _form(
    request: Request,
    desk: Desk,
    entered: RoleTyped,
    role: Role | None,
    *,
    refusal: BackOfficeError | None = None,
    opened: str = "",
    like: str = "",
) -> Response:
    desk.access.require_somewhere("roles.edit")
    now = roles.facts(desk.session, role).digest() if role else ""
    return page(
        request, "desk/role.html", status=face(refusal).status if refusal else 200, desk=desk,
        here="roles", role=role, entered=entered, opened=opened or now, matrix=MODULES,
        held=desk.held, like=like, fields=PERSONAL_FIELD_NAMES, levels=FIELD_ACCESS_NAMES,
        holders=roles.holders(desk.session, role.id) if role else [],
        refusal=refusal.message if refusal else "",
    )  # fmt: skip


def _confirm(
    request: Request, desk: Desk, role: Role, entered: RoleTyped, change: Change, opened: str
) -> Response:
    return page(
        request, "desk/role_confirm.html", desk=desk, here="roles", role=role, entered=entered,
        change=change, opened=opened, names=PERMISSIONS, fields=PERSONAL_FIELD_NAMES,
        levels=FIELD_ACCESS_NAMES,
    )  # fmt: skip
