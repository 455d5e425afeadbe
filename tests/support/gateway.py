"""The gateway for a test: an application of its own, whose routes are worked out already."""

import gc

from fastapi import FastAPI
from sqlalchemy import Engine

from gateway.settings import Settings
from gateway.web import steady
from gateway.web.app import create_app

FIRST: list[FastAPI] = []
"""The first application of this process; no test has it in hand."""


class Collector:
    """The garbage collector a served application tidies up at its start: here with all that tests
    have imported in it, which takes most of a second, and many tests serve one.
    """

    def collect(self) -> None:
        gc.collect(0)

    def freeze(self) -> None:
        """Tests have done so."""

    unfreeze = freeze
    get_threshold, set_threshold = staticmethod(gc.get_threshold), staticmethod(gc.set_threshold)


steady.gc = Collector()


def gateway(config: Settings, engine: Engine) -> FastAPI:
    """`create_app`, with state, counts and handlers of this test's own.

    FastAPI works out what an included route needs when it is first looked at, which takes long for
    all of the API: the applications of a worker share what the first one has worked out.
    """
    if not FIRST:
        FIRST.append(create_app(config, engine=engine))
    made = create_app(config, engine=engine)
    _share(_api(made), _api(FIRST[0]))
    return made


def _share(made: FastAPI, first: FastAPI) -> None:
    """Take over every included part; the rest (static files, mounts, documents) stays its own."""
    routes = made.router.routes
    for n, (mine, other) in enumerate(zip(routes, first.router.routes, strict=True)):
        part = getattr(mine, "original_router", None)
        if part is not None:
            assert part is other.original_router, "the same parts in the same order"
            routes[n] = other


def _api(app: FastAPI) -> FastAPI:
    """The application mounted in it."""
    (found,) = [
        inner
        for route in app.router.routes
        if isinstance(inner := getattr(route, "app", None), FastAPI)
    ]
    return found
