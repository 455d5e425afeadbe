"""Refusals as pages: the sentence, how to go on, and the right status."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from starlette.exceptions import HTTPException

from domain.access.codes import CodeNotSent, CodeWrong, LoginLost
from domain.access.oauth import NotAgreed, NotColleague, StateInvalid, WeComAway
from domain.access.passwords import AccountBlocked, PasswordWrong
from domain.access.sessions import NotSignedIn
from domain.errors import BackOfficeError, Conflict, Invalid, NotAllowedNow, NotFound, NotPermitted
from domain.staff.desk import LinkUsed
from gateway.action_links import ActionLinkExpired, ActionLinkInvalid
from gateway.flow_server import FlowsRefused, FlowsUnreachable
from gateway.links import LinkExpired, LinkInvalid
from gateway.web.counted_bodies import TOO_LARGE
from gateway.web.edge import is_desk
from gateway.web.pages import page


class FormStale(BackOfficeError):
    """A form from another sign-in, or from another site."""

    code = "form_stale"


@dataclass(frozen=True)
class Face:
    """How a kind of refusal looks: status, title, and what to do now.

    `signs_in`: what to do now is to sign in.
    """

    status: int
    title: str
    hint: str
    signs_in: bool = False


DESK_LINK_HINT = "请向管理员要一个新的登录链接，收到后十分钟内打开。"
FACES: dict[type[BackOfficeError], Face] = {
    NotSignedIn: Face(401, "请先登录", "请在企业微信里打开工作台，或从登录页登录。", signs_in=True),
    FormStale: Face(403, "这个页面放得太久了", "什么都没有提交。请返回上一页，刷新后再提交一次。"),
    LinkInvalid: Face(403, "链接打不开", "请从原来的消息里重新点开；还不行，请联系物业服务中心。"),
    LinkUsed: Face(410, "链接已用过", DESK_LINK_HINT),
    NotAgreed: Face(403, "没有登录", "回到登录页可以换一种方式。", signs_in=True),
    NotColleague: Face(403, "没有登录", "请让管理员在“员工”里添加您的企业微信账号。"),
    WeComAway: Face(503, "企业微信没有回应", "请过一会儿再试。", signs_in=True),
    CodeNotSent: Face(503, "验证码没有发出", "请过一会儿再试；还不行，请联系管理员。"),
    StateInvalid: Face(403, "登录没有完成", "请回到登录页重新登录。", signs_in=True),
    LoginLost: Face(403, "登录没有完成", "请回到登录页重新登录。", signs_in=True),
    CodeWrong: Face(403, "验证码不对", "请核对企业微信里最新的一条。"),
    PasswordWrong: Face(403, "没有登录", "请核对账号和密码。"),
    AccountBlocked: Face(429, "请稍后再试", "忘了密码请让管理员重新发放。"),
    LinkExpired: Face(410, "链接已过期", "请联系物业服务中心，让他们给您发一个新的链接。"),
    ActionLinkInvalid: Face(403, "链接打不开", "请从原来的消息里重新点开，或从工作台里办。"),
    ActionLinkExpired: Face(410, "链接已过期", "要办的事还在：请从工作台里办，或请人重新发一次。"),
    FlowsUnreachable: Face(503, "后台任务服务连不上", "什么都没有开始。请过一会儿再试。"),
    FlowsRefused: Face(409, "后台没有接受", "请管理员看一下后台任务服务。"),
    NotPermitted: Face(403, "没有权限", "需要的话，请让经理给您的岗位加上这个权限。"),
    NotFound: Face(404, "没有找到", "请核对后再试，或回到上一页重新选择。"),
    NotAllowedNow: Face(409, "现在不能这样做", "请刷新页面，看看最新的情况。"),
    Conflict: Face(409, "情况有变", "请刷新页面，看看最新的情况。"),
    Invalid: Face(422, "填写的内容有问题", "请返回上一页改正后再提交。"),
}
PLAIN = Face(400, "不能这样做", "请返回上一页再试。")


def face(error: BackOfficeError) -> Face:
    """How a refusal looks, by the nearest of its classes."""
    for kind in type(error).__mro__:
        if kind in FACES:
            return FACES[kind]
    return PLAIN


def install(app: FastAPI) -> None:
    """Answer refusals, unreadable requests and unknown addresses with pages."""
    app.add_exception_handler(BackOfficeError, _refused)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, BackOfficeError)
    if isinstance(error, NotSignedIn) and _is_visit(request):
        back = quote(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        return RedirectResponse(f"/desk/login?next={back}", 303)
    look = face(error)
    desk = is_desk(request.url.path)
    is_link = type(error) in (LinkInvalid, LinkExpired, LinkUsed)
    return page(
        request, "error.html", status=look.status, title=look.title, message=error.message,
        hint=DESK_LINK_HINT if is_link and desk else look.hint, desk=desk,
        signs_in=look.signs_in,
    )  # fmt: skip


def _is_visit(request: Request) -> bool:
    """A person's browser opening a page, not a form and not a program."""
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def _unreadable(request: Request, error: Exception) -> Response:
    """An id in the address that cannot be one is simply not there; a form like that is not ours."""
    assert isinstance(error, RequestValidationError)
    if any(problem["loc"][0] == "path" for problem in error.errors()):
        return _refused(request, NotFound("没有这个页面"))
    return _refused(request, Invalid("提交的内容不完整或看不懂"))


def too_large(request: Request) -> Response:
    """More than any form of ours holds."""
    return page(
        request, "error.html", status=TOO_LARGE, title="提交的内容太多",
        message="这一页收不下这么多内容，什么都没有提交。",
        hint="请返回上一页，减少内容后再提交。", desk=is_desk(request.url.path),
    )  # fmt: skip


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return _refused(request, NotFound("没有这个页面"))
    if error.status_code == TOO_LARGE:
        return too_large(request)
    return page(
        request, "error.html", status=error.status_code, title="不能这样打开",
        message="这个地址不能这样打开。", hint="请从原来的页面或消息里点进来。",
        desk=is_desk(request.url.path),
    )  # fmt: skip
