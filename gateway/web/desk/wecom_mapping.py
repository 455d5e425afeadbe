"""企业微信对应: which role a tag gives, and where the roles of a department's members hold."""

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from domain.errors import BackOfficeError
from domain.staff import giving, mapping
from domain.staff.mapping import EVERYWHERE, NEEDS
from gateway.web.attempts import attempt, chosen, status
from gateway.web.fields import FormKey, Id, Typed
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk

router = APIRouter(prefix="/desk/staff/wecom")

RowId = Annotated[Id, Path()]
SOON = "一分钟内会按新的对应更新员工的岗位。"
DONE = {"tag": f"标签的岗位已保存，{SOON}", "department": f"部门的范围已保存，{SOON}",
        "sync": "正在读取企业微信通讯录，过一会儿刷新页面看结果。"}  # fmt: skip


@router.get("")
def show(request: Request, done: str = "") -> Response:
    """Tags and departments with what they mean here."""
    with at_desk(request) as desk:
        desk.may(NEEDS)
        return _show(request, desk, done=DONE.get(done, ""))


@router.post("/tags/{row_id}")
def map_tag(
    request: Request, row_id: RowId, role: Typed = "", seen: Typed = "", form_key: FormKey = ""
) -> Response:
    """Which role a tag gives."""

    def act(desk: Desk) -> None:
        role_id = chosen(role, "岗位") if role else None
        mapping.map_tag(desk.session, desk.access, row_id, role_id, seen=seen, at=desk.at)

    return _act(request, form_key, act, "tag")


@router.post("/departments/{row_id}")
def map_department(
    request: Request, row_id: RowId, scope: Typed = "", seen: Typed = "", form_key: FormKey = ""
) -> Response:
    """Where the roles of a department's members hold."""

    def act(desk: Desk) -> None:
        mapping.map_department(desk.session, desk.access, row_id, scope, seen=seen, at=desk.at)

    return _act(request, form_key, act, "department")


@router.post("/sync")
def sync(request: Request, form_key: FormKey = "") -> Response:
    """Read the contacts now."""

    def act(desk: Desk) -> None:
        why = f"by {desk.session_id} at {desk.at:%Y%m%d%H%M}"  # a minute's clicks are one wish
        mapping.want_sync(desk.session, why, at=desk.at)

    return _act(request, form_key, act, "sync")


def _act(request: Request, form_key: str, act: Callable[[Desk], None], done: str) -> Response:
    with at_desk(request, form_key=form_key) as desk:
        desk.may(NEEDS)
        refusal = attempt(desk, lambda: act(desk))
        if isinstance(refusal, BackOfficeError):
            desk.session.expire_all()
            return _show(request, desk, refusal=refusal)
    return RedirectResponse(f"/desk/staff/wecom?done={done}", 303)


def _show(
    request: Request, desk: Desk, *, done: str = "", refusal: BackOfficeError | None = None
) -> Response:
    return page(
        request, "desk/wecom_mapping.html", status=status(refusal), desk=desk, done=done,
        refusal=refusal.message if refusal else "", tags=mapping.tags(desk.session),
        departments=mapping.departments(desk.session), places=_places(desk),
        roles=giving.roles(desk.session), last=mapping.last_sync(desk.session),
    )  # fmt: skip


def _places(desk: Desk) -> Sequence[tuple[str, str]]:
    here = desk.access.communities(desk.session, NEEDS, whole=True)
    return [(EVERYWHERE, "全部小区"), *((str(one.id), one.name) for one in here)]
