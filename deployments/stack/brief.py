"""A Prefect server for one command, when no stack is running."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from deployments.stack.child import Child
from deployments.stack.database import ensure_database
from deployments.stack.databases import create_databases
from deployments.stack.environment import (
    MARK,
    given_prefect_api,
    not_of_a_stack,
    stack_environment,
    take_in,
)
from deployments.stack.home import Home, running
from deployments.stack.parts import Parts
from deployments.stack.ports import DEFAULT, some_free
from gateway.settings import Settings

START_SECONDS = 120.0
STOP_SECONDS = 8.0


@contextmanager
def prefect_api(settings: Settings) -> Iterator[str]:
    """PREFECT_API_URL: the one that is set, the running stack's, or a server's made for this.

    Inside the block flows called in this process talk to it.

    A server made for this uses Prefect's database of this home, has no worker, listens on some
    free port, and ends with the block. Main thread only.
    """
    home = Home.at(settings.home)
    with ExitStack() as holding:
        if given := given_prefect_api():
            url = given
        elif up := running(home):
            url = up.urls["prefect_api"]
        else:
            url = holding.enter_context(_server(settings, home))
        take_in({"PREFECT_API_URL": url})
        yield url


@contextmanager
def _server(settings: Settings, home: Home) -> Iterator[str]:
    ensure_database(settings)
    create_databases(settings)
    ports = replace(DEFAULT, prefect=some_free())
    environment = stack_environment(settings, ports)
    environment[MARK] = not_of_a_stack(settings)  # a stack that starts now leaves it alone
    server: Child = Parts(home, environment, ports).prefect()
    server.start()
    try:
        server.wait_ready(START_SECONDS)
        yield environment["PREFECT_API_URL"]
    finally:
        server.ask_to_stop()
        server.stopped(time.monotonic() + STOP_SECONDS)
