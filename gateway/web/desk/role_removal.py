"""Deleting a role: what would go, why it cannot while somebody holds it, and the deed."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import role_removal, roles
from domain.errors import BackOfficeError, Conflict
from domain.staff.model import Role
from gateway.web.attempts import attempt
from gateway.web.fields import FormKey, RoleId, Typed
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, sure

router = APIRouter(prefix="/desk/roles")


@router.get("/{role_id}/remove")
def ask(request: Request, role_id: RoleId) -> Response:
    """What the role carries and who holds it; nothing is deleted yet."""
    with at_desk(request) as desk:
        role = roles.reach(desk.session, desk.access, role_id)
        return sure(request, desk, _question(desk, role))


@router.post("/{role_id}/remove")
def remove(
    request: Request, role_id: RoleId, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Delete it, unless somebody was given it or changed it meanwhile."""
    with at_desk(request, form_key=form_key) as desk:
        role = roles.reach(desk.session, desk.access, role_id)
        done = attempt(
            desk,
            lambda: role_removal.remove(desk.session, desk.access, role, opened=opened, at=desk.at),
        )
        if isinstance(done, BackOfficeError):
            return sure(request, desk, _question(desk, role), refusal=done)
    return RedirectResponse("/desk/roles?done=removed", 303)


def _question(desk: Desk, role: Role) -> Sure:
    tied = role_removal.ties(desk.session, role.id)
    was = roles.facts(desk.session, role)
    try:
        tied.check()
        blocked = ""
    except Conflict as refusal:
        blocked = f"现在不能删除：{refusal.message}。"
    return Sure(
        here="roles", title="删除岗位", sentence=f"删除岗位「{role.name}」",
        figures=[
            ("担任的同事", f"{len(tied.holders)} 位"),
            ("带的权限", f"{len(was.permissions)} 项"),
        ],
        warnings=[] if blocked else ["删除后找不回来；需要时要重新建、重新勾选权限。"],
        action=f"/desk/roles/{role.id}/remove", button="删除岗位", grave=True,
        seen={"opened": was.digest()}, back=f"/desk/roles/{role.id}", blocked=blocked,
    )  # fmt: skip
