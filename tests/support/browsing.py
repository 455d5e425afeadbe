"""A real headless browser over a served gateway; screenshots go to artifacts/."""

import socket
import threading
import time

import pytest
import uvicorn

from tests.scenes.browser import CHROMIUM, PATIENCE, shot
from tests.scenes.browser import chromium as a_chromium
from tests.support.gateway import gateway

__all__ = ["NEEDED", "SIZES", "chromium", "served", "shot", "window"]

SIZES = {"360": (360, 760), "desktop": (1360, 860), "wall": (3840, 2160)}

NEEDED = [
    pytest.mark.browser,
    pytest.mark.skipif(
        not CHROMIUM.exists(), reason="no /usr/bin/chromium: install Debian's chromium"
    ),
]
"""The marks of a file of browser tests: `pytestmark = NEEDED`."""


@pytest.fixture(scope="module")
def chromium():
    """One headless browser for the module (its event loop would be in other modules' way)."""
    with a_chromium() as browser:
        yield browser


@pytest.fixture
def served(engine, config):
    """The gateway on a port of its own; its settings know the address."""
    listener = socket.create_server(("127.0.0.1", 0))
    here = config.model_copy(update={"base_url": f"http://127.0.0.1:{listener.getsockname()[1]}"})
    server = uvicorn.Server(uvicorn.Config(gateway(here, engine), log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started
    yield here
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def window(chromium):
    """Opens a tab of a size; a page error fails the test."""
    opened, errors = [], []

    def open_tab(size: str, **extra):
        width, height = SIZES[size]
        context = chromium.new_context(viewport={"width": width, "height": height}, **extra)
        context.set_default_timeout(PATIENCE)
        opened.append(context)
        tab = context.new_page()
        tab.on("pageerror", lambda error: errors.append(str(error)))
        tab.on(
            "console",
            lambda said: errors.append(said.text) if "Content Security" in said.text else None,
        )
        return tab

    yield open_tab
    for context in opened:
        context.close()
    assert not errors
