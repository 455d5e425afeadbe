"""Who is at the desk: a cookie whose session stands in the database, and a secret for its forms."""

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from domain import clock
from domain.access import sessions
from domain.access.access import Access
from domain.access.model import SignInWay
from domain.access.sessions import Life, NotSignedIn
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.model import Staff
from gateway.settings import Settings
from gateway.web.desk.menu import Module, menu
from gateway.web.errors import FormStale

COOKIE = "wuye_desk"
SAFE = ("GET", "HEAD")


@dataclass(frozen=True)
class Desk:
    """One request of one signed-in colleague: its transaction, its moment, what they may do."""

    session: Session
    staff: Staff
    access: Access
    form_key: str
    session_id: int
    at: datetime
    config: Settings

    @property
    def held(self) -> frozenset[str]:
        """What the colleague may do somewhere."""
        return self.access.held

    @property
    def menu(self) -> list[Module]:
        """The pages this colleague may open, by module."""
        return menu(self.access)

    def may(
        self, permission: str, *, community_id: int | None = None, building_id: int | None = None
    ) -> Actor:
        """The colleague as actor, or NotPermitted."""
        return self.access.require(permission, community_id=community_id, building_id=building_id)


@contextmanager
def at_desk(request: Request, *, form_key: str | None = None) -> Iterator[Desk]:
    """One transaction of the signed-in colleague; NotSignedIn where there is none.

    A request that may change something passes the `form_key` its form came with; one that forgot
    to ask for it is a bug of ours and is refused all the same.
    """
    at = clock.now()
    token = request.cookies.get(COOKIE)
    if not token:
        raise NotSignedIn("您还没有登录工作台")
    with transaction(engine_of(request)) as session:
        config = settings_of(request)
        here = sessions.current(session, token, life=life(config), at=at)
        if request.method not in SAFE or form_key is not None:
            check_form(form_key or "", here.row.form_key)
        yield Desk(session, here.staff, here.access, here.row.form_key, here.row.id, at, config)


def why_out(request: Request) -> str:
    """Why whoever was signed in at this browser no longer is; "" where nobody was, or still is."""
    token = request.cookies.get(COOKIE)
    if not token:
        return ""
    try:
        with transaction(engine_of(request)) as session:
            sessions.current(session, token, life=life(settings_of(request)), at=clock.now())
    except NotSignedIn as refusal:
        return refusal.message
    return ""


def check_form(given: str, expected: str) -> None:
    """The form came from a page of this very sign-in, or FormStale."""
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise FormStale("这个表单不是从您现在的登录里打开的")


def sign_in(
    request: Request,
    session: Session,
    response: Response,
    person: Staff,
    *,
    way: SignInWay,
    at: datetime,
) -> None:
    """Let this browser be that colleague: always a new session, whatever it held before."""
    config = settings_of(request)
    device = request.headers.get("user-agent", "")
    token, _ = sessions.begin(session, person, way=way, device=device, at=at)
    response.set_cookie(
        COOKIE, token, max_age=int(life(config).whole.total_seconds()), path="/",
        httponly=True, samesite="lax", secure=config.base_url.startswith("https"),
    )  # fmt: skip


def sign_out(response: Response) -> None:
    """Let this browser forget."""
    response.delete_cookie(COOKIE, path="/")


def life(config: Settings) -> Life:
    """How long sessions live here."""
    return Life(
        timedelta(minutes=config.desk_idle_minutes), timedelta(hours=config.desk_session_hours)
    )


def engine_of(request: Request) -> Engine:
    """The application's engine."""
    engine: Engine = request.app.state.engine
    return engine


def settings_of(request: Request) -> Settings:
    """The application's settings."""
    config: Settings = request.app.state.settings
    return config
