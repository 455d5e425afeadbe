"""In by WeCom: sent out with a state, back with a code; WeCom says who it is, never the browser."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access import oauth
from domain.access.model import OauthState, SignInWay
from domain.access.oauth import NotAgreed, NotColleague, WeComAway
from domain.session import transaction
from domain.staff import queries as staff
from gateway.settings import Settings
from gateway.web.login import browser
from gateway.web.sessions import engine_of, settings_of, sign_in
from gateway.wecom.apps import staff_app
from gateway.wecom.faults import WeComFault
from gateway.wecom.login import desktop_url, in_app_url, member_behind
from gateway.wecom.tokens import DatabaseTokenStore

router = APIRouter(prefix="/desk/login")


@router.get("/wecom")
def in_app(request: Request, next: str = "") -> Response:  # noqa: A002 - what the address says
    """Out to WeCom, from its own browser."""
    return _out(request, SignInWay.WECOM, next)


@router.get("/qr")
def desktop(request: Request, next: str = "") -> Response:  # noqa: A002 - what the address says
    """Out to the page with the code to scan."""
    return _out(request, SignInWay.QR, next)


@router.get("/back")
def back(request: Request, code: str = "", state: str = "") -> Response:
    """Back from WeCom: the state is used up first, then WeCom is asked who it is."""
    at = clock.now()
    begun = _finish(request, state)
    if not code:
        raise NotAgreed("您没有同意登录，可以重新选择登录方式")
    userid = _who(request, code)
    answer = RedirectResponse(browser.inside(begun.next_path), 303)
    with transaction(engine_of(request)) as session:
        person = staff.member(session, userid) if userid else None
        if person is None:
            raise NotColleague("这个账号还没有开通工作台，请联系管理员")
        sign_in(request, session, answer, person, way=begun.way, at=at)
    browser.forget(answer)
    return answer


def _out(request: Request, way: SignInWay, next_path: str) -> Response:
    config, held = settings_of(request), browser.of(request)
    with transaction(engine_of(request)) as session:
        state = oauth.begin(
            session, way=way, browser=held, next_path=browser.inside(next_path), at=clock.now()
        )
    url = in_app_url if way is SignInWay.WECOM else desktop_url
    answer = RedirectResponse(url(config, back=_back_url(config), state=state), 303)
    browser.keep(request, answer, browser.COOKIE, held)
    return answer


def _finish(request: Request, state: str) -> OauthState:
    with transaction(engine_of(request)) as session:
        return oauth.finish(session, state, browser=browser.of(request), at=clock.now())


def _who(request: Request, code: str) -> str | None:
    app = staff_app(settings_of(request), DatabaseTokenStore(engine_of(request)))
    try:
        return member_behind(app, code)
    except WeComFault as fault:
        raise WeComAway("企业微信暂时没有回应，请过一会儿再登录，或用账号密码登录") from fault


def _back_url(config: Settings) -> str:
    return f"{config.base_url.rstrip('/')}{browser.PATH}/back"
