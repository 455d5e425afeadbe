"""In by account and password; the first time with a code from WeCom and a new password."""

import unicodedata
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.access import codes, passwords
from domain.access.model import SignInWay
from domain.errors import BackOfficeError
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.model import Staff
from gateway.web.errors import face
from gateway.web.fields import FormKey, Typed
from gateway.web.login import browser, codes_out
from gateway.web.login.start import form
from gateway.web.pages import page
from gateway.web.sessions import engine_of, settings_of, sign_in

router = APIRouter(prefix="/desk/login")

Secret = Annotated[str, Form(max_length=300)]


@router.post("/password")
def password(
    request: Request,
    login: Typed = "",
    password: Secret = "",
    next: Typed = "",  # noqa: A002 - what the form says
    form_key: FormKey = "",
) -> Response:
    """Account and password; who has never changed the initial one goes on to the code."""
    browser.check(request, form_key)
    at, path = clock.now(), browser.inside(next)
    with transaction(engine_of(request)) as session:
        found = passwords.check(session, login.strip(), password, at=at)
        if isinstance(found, BackOfficeError):
            refusal: BackOfficeError | None = found
        else:
            refusal, (person, row) = None, found
            if row.changed_at is not None:
                answer: Response = RedirectResponse(path, 303)
                sign_in(request, session, answer, person, way=SignInWay.PASSWORD, at=at)
                browser.forget(answer)
                return answer
    if refusal is None:
        try:
            return _to_code(request, person, path)
        except BackOfficeError as trouble:
            refusal = trouble
    return form(
        request, next_path=path, login=login, refusal=refusal.message, status=face(refusal).status
    )


@router.get("/code")
def code_page(request: Request, next: str = "") -> Response:  # noqa: A002 - what the address says
    """Where the code from WeCom goes."""
    return _code_form(request, next_path=browser.inside(next))


@router.post("/code")
def code(
    request: Request,
    code: Typed = "",
    next: Typed = "",  # noqa: A002 - what the form says
    form_key: FormKey = "",
) -> Response:
    """The code; a wrong one is counted even though it is refused."""
    browser.check(request, form_key)
    path, typed = browser.inside(next), _digits(code)
    with transaction(engine_of(request)) as session:
        found = codes.enter(session, _ticket(request), typed, at=clock.now())
    if isinstance(found, BackOfficeError):
        return _code_form(request, next_path=path, refusal=found)
    return RedirectResponse(f"{browser.PATH}/new-password?next={browser.quoted(path)}", 303)


@router.get("/new-password")
def new_password_page(
    request: Request,
    next: str = "",  # noqa: A002 - what the address says
) -> Response:
    """Where a new password is chosen."""
    with transaction(engine_of(request)) as session:
        codes.passed(session, _ticket(request), at=clock.now())
    return _new_form(request, next_path=browser.inside(next))


@router.post("/new-password")
def new_password(
    request: Request,
    new: Secret = "",
    again: Secret = "",
    next: Typed = "",  # noqa: A002 - what the form says
    form_key: FormKey = "",
) -> Response:
    """Take the new password and let its owner in."""
    browser.check(request, form_key)
    at, path = clock.now(), browser.inside(next)
    answer = RedirectResponse(path, 303)
    try:
        if new != again:
            raise passwords.PasswordWeak("两次填的新密码不一样，请重新填")
        with transaction(engine_of(request)) as session:
            begun = codes.passed(session, _ticket(request), at=at)
            person, row = (
                session.get_one(Staff, begun.staff_id),
                passwords.of(session, begun.staff_id),
            )
            if row is None or not person.active:
                raise codes.LoginLost("这个账号已经停用，请联系管理员")
            by = Actor.staff(person.id, person.name)
            passwords.change(session, row, new, by=by, at=at)
            begun.used_at = at
            sign_in(request, session, answer, person, way=SignInWay.PASSWORD, at=at)
    except passwords.PasswordWeak as refusal:
        return _new_form(request, next_path=path, refusal=refusal)
    browser.forget(answer)
    return answer


def _to_code(request: Request, person: Staff, path: str) -> Response:
    """Send the code to the member in WeCom and ask for it here."""
    if not person.wecom_userid:
        raise codes.CodeNotSent("这个账号没有绑定企业微信，收不到验证码，请联系管理员")
    with transaction(engine_of(request)) as session:
        ticket, code = codes.begin(session, person.id, at=clock.now())
    codes_out.send(request, person.wecom_userid, code)
    answer = RedirectResponse(f"{browser.PATH}/code?next={browser.quoted(path)}", 303)
    browser.keep(request, answer, browser.TICKET, ticket)
    return answer


def _digits(typed: str) -> str:
    """The digits of a code, also where the keyboard made full-width ones of them."""
    plain = unicodedata.normalize("NFKC", typed)
    return "".join(sign for sign in plain if sign.isdigit())


def _ticket(request: Request) -> str:
    return request.cookies.get(browser.TICKET, "")[:100]


def _code_form(
    request: Request, *, next_path: str, refusal: BackOfficeError | None = None
) -> Response:
    return _form(request, "login/code.html", next_path, refusal)


def _new_form(
    request: Request, *, next_path: str, refusal: BackOfficeError | None = None
) -> Response:
    return _form(request, "login/new_password.html", next_path, refusal)


def _form(request: Request, name: str, path: str, refusal: BackOfficeError | None) -> Response:
    return page(
        request, name, status=face(refusal).status if refusal else 200, next_path=path,
        refusal=refusal.message if refusal else "", shortest=passwords.SHORTEST,
        form_key=browser.form_key(settings_of(request), browser.of(request)),
    )  # fmt: skip
