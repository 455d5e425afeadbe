"""Who calls: a token in the Authorization header, and nothing else; looked at before all else.

A cookie never gets in here, so no other site can make a browser act; a token never signs in at the
desk. The body is not read before the token is known.
"""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool

from domain import clock
from domain.access import tokens
from domain.access.tokens import Caller, TokenInvalid
from domain.session import transaction
from gateway.web.sessions import Desk, engine_of, settings_of

BEARER = HTTPBearer(
    scheme_name="token",
    auto_error=False,
    description="在“我的账号 → 接口令牌”里新建，或用 wuye desk token 新建。令牌以 wuye_ 开头。",
)
LONGEST = 200

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class GuardedRoute(APIRoute):
    """A route that knows its caller before anything of the request is read."""

    def get_route_handler(self) -> Handler:
        """The handler behind the guard."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            request.state.caller = await run_in_threadpool(_caller, request)
            return await handle(request)

        return guarded


@contextmanager
def acting(request: Request) -> Iterator[Desk]:
    """One transaction of the token's colleague, cut to the token's scopes. It takes no forms."""
    caller: Caller = request.state.caller
    with transaction(engine_of(request)) as session:
        yield Desk(
            session, caller.staff, caller.access, "", 0, clock.now(), settings_of(request)
        )  # fmt: skip


def _caller(request: Request) -> Caller:
    """The use of a token is noted even where the request is then refused."""
    with transaction(engine_of(request)) as session:
        return tokens.caller(session, _secret(request), at=clock.now())


def _secret(request: Request) -> str:
    given = request.headers.getlist("authorization")
    if not given:
        raise TokenInvalid("请在请求头 Authorization 里带上令牌：Bearer wuye_…")
    way, _, secret = given[0].partition(" ")
    if len(given) > 1 or way.lower() != "bearer" or not 0 < len(secret.strip()) <= LONGEST:
        raise TokenInvalid("请求头 Authorization 的写法不对，应为：Bearer wuye_…")
    return secret.strip()
