"""What a browser holds while somebody logs in, and where it may go afterwards.

The browser gets a secret of its own before anybody is known: states and forms are bound to it, so
that a login begun elsewhere cannot be finished here, nor a stranger's account be put into it.
"""

import hmac
import re
from urllib.parse import quote

from fastapi import Request, Response

from domain.access import secrets
from gateway.links import SecretMissing
from gateway.settings import Settings
from gateway.web.sessions import check_form, settings_of

COOKIE = "wuye_login"
TICKET = "wuye_login_ticket"
PATH = "/desk/login"
MINUTES = 20
HOME = "/desk"
INSIDE = re.compile(r"/(desk|act|h5/work)([/?][A-Za-z0-9._~%/?=&+:,-]*)?")
LONGEST = 1000


def inside(path: str) -> str:
    """`path` if it leads to a page of ours, else the desk: a login never sends anybody away."""
    plain = len(path) <= LONGEST and INSIDE.fullmatch(path) and "//" not in path
    return path if plain and ".." not in path and not path.startswith(PATH) else HOME


def quoted(path: str) -> str:
    """The path as a value in an address."""
    return quote(path, safe="/")


def of(request: Request) -> str:
    """The secret this browser holds; a new one where it holds none (then `keep` it)."""
    held = request.cookies.get(COOKIE, "")
    return held if 20 <= len(held) <= 100 else secrets.fresh()


def keep(request: Request, response: Response, name: str, value: str) -> None:
    """Let the browser hold a secret for as long as a login may take."""
    response.set_cookie(
        name, value, max_age=MINUTES * 60, path=PATH, httponly=True, samesite="lax",
        secure=settings_of(request).base_url.startswith("https"),
    )  # fmt: skip


def forget(response: Response) -> None:
    """The login is over."""
    for name in (COOKIE, TICKET):
        response.delete_cookie(name, path=PATH)


def form_key(config: Settings, browser: str) -> str:
    """The secret of login forms in this browser: nobody else can know it."""
    if config.secret_key is None:
        raise SecretMissing("没有设置签名密钥（WUYE_SECRET_KEY），不能登录")
    secret = config.secret_key.get_secret_value().encode()
    return hmac.new(secret, f"login form {browser}".encode(), "sha256").hexdigest()


def check(request: Request, given: str) -> None:
    """The form came from this browser's login page, or FormStale."""
    check_form(given, form_key(settings_of(request), of(request)))
