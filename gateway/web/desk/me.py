"""My own page: what I may do where, where I am signed in, my password."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import passwords, sessions
from domain.access.model import SIGN_IN_WAY_NAMES
from domain.access.passwords import AccountBlocked, NoPassword, PasswordWeak, PasswordWrong
from domain.access.permissions import PERMISSIONS
from domain.company import queries as companies
from domain.errors import BackOfficeError
from gateway.web.errors import face
from gateway.web.fields import FormId, FormKey
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, life, settings_of

router = APIRouter(prefix="/desk/me")

Secret = Annotated[str, Form(max_length=300)]


@router.get("")
def me(request: Request, done: str = "") -> Response:
    """What I may do, and where I am signed in."""
    with at_desk(request) as desk:
        return _show(request, desk, done=done)


@router.post("/password")
def change_password(
    request: Request, old: Secret = "", new: Secret = "", again: Secret = "", form_key: FormKey = ""
) -> Response:
    """A new password; every other browser is signed out."""
    with at_desk(request, form_key=form_key) as desk:
        try:
            _change(desk, old, new, again)
        except (NoPassword, PasswordWrong, AccountBlocked, PasswordWeak) as refusal:
            return _show(request, desk, refusal=refusal)
        for row in sessions.live_of(
            desk.session, desk.staff.id, life=life(settings_of(request)), at=desk.at
        ):
            if row.id != desk.session_id:
                reason = "密码改过了，请重新登录"
                sessions.end(desk.session, row.id, reason=reason, at=desk.at)
    return RedirectResponse("/desk/me?done=password", 303)


@router.post("/sessions/end")
def end_session(request: Request, session_id: FormId, form_key: FormKey = "") -> Response:
    """Sign one of my other browsers out."""
    with at_desk(request, form_key=form_key) as desk:
        mine = sessions.live_of(
            desk.session, desk.staff.id, life=life(settings_of(request)), at=desk.at
        )
        if session_id in [row.id for row in mine]:
            reason = "您在别处退出了这台设备"
            sessions.end(desk.session, session_id, reason=reason, at=desk.at)
    return RedirectResponse("/desk/me?done=session", 303)


def _change(desk: Desk, old: str, new: str, again: str) -> None:
    row = passwords.of(desk.session, desk.staff.id)
    if row is None:
        raise NoPassword("您的账号没有密码；需要的话，请管理员发放")
    if new != again:
        raise PasswordWeak("两次填的新密码不一样，请重新填")
    if refusal := passwords.confirm(desk.session, row, old, at=desk.at):
        raise refusal
    passwords.change(desk.session, row, new, by=desk.access.actor, at=desk.at)


def _show(
    request: Request, desk: Desk, *, done: str = "", refusal: BackOfficeError | None = None
) -> Response:
    places = companies.names_by_id(desk.session)
    grants = [
        (
            grant.role,
            places.get(grant.community_id, "") if grant.community_id else "全公司",
            [PERMISSIONS[one] for one in PERMISSIONS if one in grant.permissions],
        )
        for grant in desk.access.grants
    ]
    mine = sessions.live_of(
        desk.session, desk.staff.id, life=life(settings_of(request)), at=desk.at
    )
    return page(
        request, "desk/me.html", status=face(refusal).status if refusal else 200, desk=desk,
        grants=grants, mine=mine, ways=SIGN_IN_WAY_NAMES, done=done,
        refusal=refusal.message if refusal else "",
        has_password=passwords.of(desk.session, desk.staff.id) is not None,
        shortest=passwords.SHORTEST,
    )  # fmt: skip
