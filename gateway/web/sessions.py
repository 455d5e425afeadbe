"""Who is at the desk: a signed cookie for twelve hours, and a secret for its forms."""

import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from fastapi import Request, Response
from itsdangerous import BadData
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain import clock
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff import desk as colleagues
from domain.staff.model import Staff
from domain.staff.queries import permitted
from gateway.links import signer
from gateway.settings import Settings
from gateway.web.errors import FormStale, NotSignedIn

COOKIE = "wuye_desk"
PURPOSE = "wuye desk session"
LIFE = timedelta(hours=12)

TAKES = ("payments.take",)
SEES_RUNS = ("bills.run", "bills.approve", "bills.reverse")
SEES_LETTERS = ("letters.handle",)
MENU = (
    ("counter", "收费台", TAKES),
    ("runs", "出账批次", SEES_RUNS),
    ("letters", "未送达消息", SEES_LETTERS),
)
"""The desk's pages and who sees them: whoever holds one of the permissions somewhere."""


@dataclass(frozen=True)
class Desk:
    """One request of one signed-in colleague: its transaction, its moment, its form secret."""

    session: Session
    staff: Staff
    form_key: str
    at: datetime
    held: frozenset[str]

    @property
    def menu(self) -> list[tuple[str, str]]:
        """(path, name) of the pages this colleague may open."""
        return [(path, name) for path, name, needed in MENU if self.held.intersection(needed)]

    def may(self, permission: str, *, community_id: int) -> Actor:
        """The colleague as actor, or NotPermitted."""
        return permitted(self.session, self.staff.login, permission, community_id=community_id)


@contextmanager
def at_desk(request: Request, *, form_key: str | None = None) -> Iterator[Desk]:
    """One transaction of the signed-in colleague; NotSignedIn where there is none.

    A request that changes something passes the `form_key` its form came with.
    """
    at = clock.now()
    staff_id, key = _read(request, at)
    if form_key is not None and not hmac.compare_digest(form_key.encode(), key.encode()):
        raise FormStale("这个表单不是从您现在的登录里打开的")
    with transaction(engine_of(request)) as session:
        person = colleagues.working(session, staff_id)
        yield Desk(session, person, key, at, colleagues.permissions(session, person.id))


def sign_in(request: Request, response: Response, staff_id: int, *, at: datetime) -> None:
    """Let this browser be that colleague for twelve hours."""
    config = settings_of(request)
    value = signer(config, PURPOSE).dumps(
        [int(at.timestamp()), staff_id, secrets.token_urlsafe(18)]
    )
    response.set_cookie(
        COOKIE, value if isinstance(value, str) else value.decode(),
        max_age=int(LIFE.total_seconds()), path="/desk", httponly=True, samesite="lax",
        secure=config.base_url.startswith("https"),
    )  # fmt: skip


def sign_out(response: Response) -> None:
    """Forget who sits at this browser."""
    response.delete_cookie(COOKIE, path="/desk")


def engine_of(request: Request) -> Engine:
    """The application's engine."""
    engine: Engine = request.app.state.engine
    return engine


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    config: Settings = request.app.state.settings
    return config


def _read(request: Request, at: datetime) -> tuple[int, str]:
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        raise NotSignedIn("您还没有登录工作台")
    try:
        made, staff_id, key = signer(settings_of(request), PURPOSE).loads(cookie)
    except BadData as error:
        raise NotSignedIn("登录信息已失效，请重新登录") from error
    if at >= datetime.fromtimestamp(made, UTC) + LIFE:
        raise NotSignedIn("登录已超过 12 小时，请重新登录")
    return staff_id, key
