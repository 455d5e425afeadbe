"""Debian's chromium, headless; every page is looked at for errors and sideways scrolling."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHROMIUM = Path("/usr/bin/chromium")
NOT_NEEDED = [
    # pages of the address bar: a window that nobody sees loads them for half a second
    "WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup",
    # what Playwright switches off: its list counts no more where there is another
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding",
    "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "OptimizationHints",
    "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
]  # fmt: skip
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    f"--disable-features={','.join(NOT_NEEDED)}",
]  # fmt: skip
SHOTS = Path(__file__).parents[2] / "artifacts"
PHONE, DESK = (360, 740), (1280, 860)
PATIENCE = 30_000
UNSTICK = "for (const one of document.querySelectorAll('.tabs')) one.style.position = 'static'"
"""On a picture of the whole page nothing sticks to the bottom of a screen."""


class Window:
    """One browser for one person."""

    def __init__(self, browser: Any, size: tuple[int, int]) -> None:
        context = browser.new_context(viewport={"width": size[0], "height": size[1]})
        context.set_default_timeout(PATIENCE)
        self.errors: list[str] = []
        context.on("weberror", lambda one: self.errors.append(str(one.error)))
        self.tab = context.new_page()

    def go(self, url: str) -> Any:
        """Open an address as if typed."""
        answer = self.tab.goto(url)
        assert answer.ok, f"{url} answered {answer.status}"
        return self.tab

    def follow(self, link: Any) -> None:
        """Click a link that opens a new tab; go on in that one."""
        with self.tab.context.expect_page() as opened:
            link.click()
        self.tab = opened.value
        self.tab.wait_for_load_state()

    def shot(self, name: str, *, whole: bool = True) -> None:
        """A picture for people to look at, of a page that fits and did not break."""
        shot(self.tab, f"scene-{name}", whole=whole)
        assert self.errors == [], name


def shot(tab: Any, name: str, *, whole: bool = True) -> None:
    """A picture for people to look at, of a page that fits.

    Playwright's own way, though it takes twice the time: it knows when a page is on its way, of
    which the browser itself would take a picture without width.
    """
    SHOTS.mkdir(exist_ok=True)
    tab.evaluate(UNSTICK)
    tab.screenshot(path=SHOTS / f"{name}.png", full_page=whole)
    wide = tab.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, f"{name} scrolls sideways by {wide} px"


@contextmanager
def chromium() -> Iterator[Any]:
    """One headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield browser
        browser.close()
