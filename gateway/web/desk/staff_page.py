"""One colleague: what they may do where, where they are signed in, what waits for them."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import sessions
from domain.access.granting import AboveYou
from domain.access.model import SIGN_IN_WAY_NAMES
from domain.access.permissions import PERMISSIONS
from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, NotAllowedNow, NotPermitted
from domain.history import audit
from domain.staff import editing, giving
from domain.staff import page as pages
from domain.staff.listing import reach
from domain.staff.model import GRANT_SOURCE_NAMES, Staff
from gateway.links import desk_link
from gateway.web.desk.staff_places import places
from gateway.web.errors import FormStale, face
from gateway.web.fields import FormKey, StaffId, Typed
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, life

router = APIRouter(prefix="/desk/staff/{staff_id}")

DONE = {
    "created": "已添加。下一步：给他一个登录链接，或发放账号密码。",
    "edited": "资料已保存。",
    "granted": "岗位已给出，他的下一次点击就生效。",
    "revoked": "岗位已取消，他的下一次点击就生效。",
    "left": "账号已停用，所有登录和接口令牌都已失效。",
    "back": "账号已恢复，原来的岗位仍然有效。",
    "out": "已让他在所有设备上退出。",
}


class NoLinkForThem(NotAllowedNow):
    """A closed account gets no sign-in link."""

    code = "no_link"


@router.get("")
def show(request: Request, staff_id: StaffId, done: str = "") -> Response:
    """Roles, sign-ins, and what would be left lying."""
    with at_desk(request) as desk:
        return answer(request, desk, staff_id, done=DONE.get(done, ""))


@router.post("/link")
def link(request: Request, staff_id: StaffId, form_key: FormKey = "") -> Response:
    """A sign-in link, good once for ten minutes, shown on this answer only."""

    def act(desk: Desk, person: Staff) -> str:
        editing.over(desk.session, desk.access, person)
        if not person.active:
            raise NoLinkForThem("账号已停用，不能登录；请先恢复账号")
        made = desk_link(desk.config, person.id, desk.at)
        audit.record(
            desk.session, "staff.link", subject="staff", subject_id=person.id,
            by=desk.access.actor, at=desk.at,
        )  # fmt: skip
        return made

    return acted(request, staff_id, act, form_key=form_key, shows="link")


@router.post("/sessions/end")
def sign_out(request: Request, staff_id: StaffId, form_key: FormKey = "") -> Response:
    """Sign the colleague out everywhere."""

    def act(desk: Desk, person: Staff) -> str:
        editing.sign_out(desk.session, desk.access, person, at=desk.at)
        return "out"

    return acted(request, staff_id, act, form_key=form_key)


@router.get("/leave")
def ask_leave(request: Request, staff_id: StaffId) -> Response:
    """What closing the account would end, and what would be left lying."""
    with at_desk(request) as desk:
        person = reach(desk.session, desk.access, "staff.edit", staff_id)
        editing.over(desk.session, desk.access, person)
        live = sessions.live_of(desk.session, person.id, life=life(desk.config), at=desk.at)
        return page(
            request, "desk/staff_leave.html", desk=desk, here="staff", person=person,
            live=len(live), opened=editing.seen(person),
            open_things=pages.open_things(desk.session, person),
        )  # fmt: skip


@router.post("/leave")
def leave(
    request: Request, staff_id: StaffId, opened: Typed = "", form_key: FormKey = ""
) -> Response:
    """Close the account."""

    def act(desk: Desk, person: Staff) -> str:
        editing.leave(desk.session, desk.access, person, opened=opened, at=desk.at)
        return "left"

    return acted(request, staff_id, act, form_key=form_key)


@router.post("/return")
def come_back(request: Request, staff_id: StaffId, form_key: FormKey = "") -> Response:
    """Open the account again."""

    def act(desk: Desk, person: Staff) -> str:
        editing.come_back(desk.session, desk.access, person, at=desk.at)
        return "back"

    return acted(request, staff_id, act, form_key=form_key)


def acted(
    request: Request,
    staff_id: int,
    act: Callable[[Desk, Staff], str],
    *,
    form_key: str,
    shows: str = "",
    entered: dict[str, str] | None = None,
) -> Response:
    """One act on a colleague; a refusal shows the page again, with the sentence above.

    `shows`: the page itself is the answer, with what the act gave under this name.
    """
    try:
        with at_desk(request, form_key=form_key) as desk:
            given = act(desk, reach(desk.session, desk.access, "staff.edit", staff_id))
            shown: dict[str, Any] = {shows: given}
            if shows:
                return answer(request, desk, staff_id, **shown)
    except BackOfficeError as refusal:
        if isinstance(refusal, NotSignedIn | FormStale) or _shut(refusal):
            raise
        with at_desk(request, form_key=form_key) as desk:
            return answer(request, desk, staff_id, refusal=refusal, entered=entered)
    return RedirectResponse(f"/desk/staff/{staff_id}?done={given}", 303)


def _shut(refusal: BackOfficeError) -> bool:
    """Not theirs to do at all; one that would only go too far is answered on the page."""
    return isinstance(refusal, NotPermitted) and not isinstance(refusal, AboveYou)


def answer(
    request: Request,
    desk: Desk,
    staff_id: int,
    *,
    refusal: BackOfficeError | None = None,
    entered: dict[str, str] | None = None,
    **extra: Any,
) -> Response:
    """The colleague's page."""
    person = reach(desk.session, desk.access, "staff.see", staff_id)
    facts: dict[str, Any] = {"link": "", "done": "", **extra}
    return page(
        request, "desk/staff_page.html", status=face(refusal).status if refusal else 200,
        desk=desk, here="staff", person=person, held=pages.held(desk.session, person.id),
        live=sessions.live_of(desk.session, person.id, life=life(desk.config), at=desk.at),
        open_things=pages.open_things(desk.session, person) if person.active else [],
        may_edit=_manages(desk, person), roles=giving.roles(desk.session),
        places=places(desk, "staff.edit"), entered={"role_id": "", "place": "", **(entered or {})},
        ways=SIGN_IN_WAY_NAMES, sources=GRANT_SOURCE_NAMES, names=PERMISSIONS,
        refusal=refusal.message if refusal else "", **facts,
    )  # fmt: skip


def _manages(desk: Desk, person: Staff) -> bool:
    try:
        editing.over(desk.session, desk.access, person)
    except NotPermitted:
        return False
    return True
