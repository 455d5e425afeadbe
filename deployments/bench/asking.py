"""How much of a page is the database: the product's own statements beside bare SQL for the same facts.

The gateway runs inside this process here, so that the time of its statements can be summed; a page
and its bare statements take turns on one engine. What the bare ones find must stand on the page.
"""

import asyncio
import logging
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Engine, event, text

from deployments.bench.bare_pages import BARE
from deployments.bench.pages import PageBroken
from domain import clock
from domain.session import connect, transaction
from gateway.links import desk_link, owner_link
from gateway.settings import Settings
from gateway.web.app import create_app
from gateway.web.logs import LOGGER

REPEATS = 15
"""Turns of each; the median counts."""


class NotTheSame(RuntimeError):
    """A page does not show what its bare SQL found."""


@dataclass
class Spent:
    """Seconds that the statements of an engine took."""

    seconds: float = 0.0
    began: float = 0.0

    @classmethod
    def of(cls, engine: Engine) -> "Spent":
        """Sums from now on."""
        watch = cls()
        event.listen(engine, "before_cursor_execute", watch.begin)
        event.listen(engine, "after_cursor_execute", watch.end)
        return watch

    def begin(self, *_: Any) -> None:
        """A statement is sent."""
        self.began = time.perf_counter()

    def end(self, *_: Any) -> None:
        """It is answered."""
        self.seconds += time.perf_counter() - self.began


def asked_and_bare(url: str, config: Settings, *, staff_id: int, person_id: int) -> dict[str, Any]:
    """Milliseconds of each page's statements and of the bare ones, and their ratio; and in all."""
    log = logging.getLogger(LOGGER)
    level, engine = log.level, connect(url)
    known = {"staff": staff_id, "person": person_id, "on": clock.today()}
    try:
        found = asyncio.run(_turns(engine, config, known))
    finally:
        log.setLevel(level)
        engine.dispose()
    ours, theirs = (sum(one[part] for one in found.values()) for part in (0, 1))
    return {
        "db_ratio": round(ours / theirs, 2),
        "db_ms": {
            name: {"page": round(page, 2), "bare": round(bare, 2), "ratio": round(page / bare, 2)}
            for name, (page, bare) in found.items()
        },
    }


async def _turns(
    engine: Engine, config: Settings, known: dict[str, Any]
) -> dict[str, tuple[float, float]]:
    """Page -> (milliseconds of the page, of its bare SQL)."""
    watch = Spent.of(engine)
    inside = httpx.ASGITransport(create_app(config, engine=engine))
    logging.getLogger(LOGGER).setLevel(logging.WARNING)
    found = {}
    async with httpx.AsyncClient(transport=inside, base_url=config.base_url) as http:
        await http.post(desk_link(config, known["staff"], clock.now()))
        owner = owner_link(config, person_id=known["person"], at=clock.now())
        for name, statements in BARE.items():
            address = owner if name == "owner" else name
            turns = [
                (await _page(watch, http, address, fact), bare)
                for bare, fact in (_bare(watch, engine, statements, known) for _ in range(REPEATS))
            ]
            found[name] = (
                statistics.median(page for page, _ in turns) * 1000,
                statistics.median(bare for _, bare in turns) * 1000,
            )
    return found


async def _page(watch: Spent, http: httpx.AsyncClient, address: str, fact: str) -> float:
    before = watch.seconds
    answer = await http.get(address)
    if answer.status_code != 200:
        raise PageBroken(f"{address}: {answer.status_code}")
    if fact not in answer.text:
        raise NotTheSame(f"{address}: no {fact}")
    return watch.seconds - before


def _bare(
    watch: Spent, engine: Engine, statements: Sequence[str], known: dict[str, Any]
) -> tuple[float, str]:
    """(seconds, what must stand on the page): the first value of the last statement's first row."""
    before, fact = watch.seconds, ""
    with transaction(engine) as session:
        for statement in statements:
            rows = session.execute(text(statement), known).all()
            fact = str(rows[0][0]) if rows else ""
    return watch.seconds - before, fact
