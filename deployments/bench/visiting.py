"""People at their screens: signed in over HTTP, opening pages, reading them for a while.

They share the cores with what they measure, so their windows do as little as a program can.
"""

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import httpx

from deployments.bench.pages import PageBroken
from domain import clock
from gateway.links import desk_link
from gateway.settings import Settings

MAY_BE_AWAY = 30
"""Seconds until a page counts as broken."""


@dataclass(frozen=True)
class Visit:
    """One page that was opened, and how long it took to the last byte."""

    kind: str
    address: str
    seconds: float


@dataclass(frozen=True)
class Colleague:
    """Somebody at work, and what they open: kind -> addresses."""

    staff_id: int
    pages: Mapping[str, Sequence[str]]


@contextmanager
def signed_in(config: Settings, staff_id: int) -> Iterator[httpx.Client]:
    """The browser of one colleague."""
    with httpx.Client(base_url=config.base_url, trust_env=False, timeout=MAY_BE_AWAY) as http:
        link = desk_link(config, staff_id, clock.now())
        answer = http.post(link.removeprefix(config.base_url))
        if answer.status_code != 303:
            raise PageBroken(f"signing in: {answer.status_code}")
        yield http


class Window:
    """A browser's window of one colleague, kept open between pages."""

    def __init__(self, config: Settings, staff_id: int) -> None:
        self._line = HTTPConnection(urlsplit(config.base_url).netloc, timeout=MAY_BE_AWAY)
        with signed_in(config, staff_id) as http:
            cookies = [f"{name}={value}" for name, value in http.cookies.items()]
        self._headers = {"Cookie": "; ".join(cookies)}

    def open(self, kind: str, address: str) -> Visit:
        """One page, opened."""
        began = time.perf_counter()
        self._line.request("GET", address, headers=self._headers)
        answer = self._line.getresponse()
        answer.read()
        spent = time.perf_counter() - began
        if answer.status != 200:
            raise PageBroken(f"{kind}: {answer.status}")
        return Visit(kind, address, spent)

    def close(self) -> None:
        """Hang up."""
        self._line.close()


def at_work(
    config: Settings,
    desks: Sequence[Colleague],
    *,
    people: int,
    seconds: float,
    think: float,
) -> list[Visit]:
    """What `people` saw in so many seconds: a page of any kind, then reading it for a random while
    of `think` seconds in the mean; without `think` the next page at once.
    """
    visits: list[Visit] = []
    broken: list[Exception] = []

    def work(seed: int, window: Window, end: float) -> None:
        chance = random.Random(seed)  # noqa: S311 - which page is opened next
        pages = desks[seed % len(desks)].pages
        kinds = list(pages)
        while not broken:
            pause = chance.expovariate(1 / think) if think else 0.0
            if time.monotonic() + pause >= end:
                return
            time.sleep(pause)
            kind = chance.choice(kinds)
            try:
                visits.append(window.open(kind, chance.choice(pages[kind])))
            except (PageBroken, HTTPException, OSError) as error:  # told by the thread that waits
                broken.append(error)

    with ExitStack() as doors:
        windows = [
            doors.enter_context(closing(Window(config, desks[seed % len(desks)].staff_id)))
            for seed in range(people)
        ]
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=work, args=(seed, window, end))
            for seed, window in enumerate(windows)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    if broken:
        raise broken[0]
    return visits


def quantile(spent: Sequence[float], part: float) -> float | None:
    """Milliseconds that this part of some visits stayed within."""
    ordered = sorted(spent)
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000, 1)
