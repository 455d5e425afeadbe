"""People at their screens: signed in over HTTP, opening pages, reading them for a while."""

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

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


def opened(http: httpx.Client, kind: str, address: str) -> Visit:
    """One page, opened."""
    began = time.perf_counter()
    answer = http.get(address)
    spent = time.perf_counter() - began
    if answer.status_code != 200:
        raise PageBroken(f"{kind}: {answer.status_code}")
    return Visit(kind, address, spent)


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

    def work(seed: int, http: httpx.Client, end: float) -> None:
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
                visits.append(opened(http, kind, chance.choice(pages[kind])))
            except (PageBroken, httpx.HTTPError) as error:  # told by the thread that waits
                broken.append(error)

    with ExitStack() as doors:
        browsers = [
            doors.enter_context(signed_in(config, desks[seed % len(desks)].staff_id))
            for seed in range(people)
        ]
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=work, args=(seed, http, end))
            for seed, http in enumerate(browsers)
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
