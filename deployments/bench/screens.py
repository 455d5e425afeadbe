"""`wuye bench screens`: pages of a whole town through HTTP, with twenty people at work.

Each person opens a page, reads it for a while (`THINK_SECONDS`), and opens the next: twenty people
at work, not twenty machines. What is measured is the time from the request to the last byte.
"""

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from deployments.bench.gateway import gateway
from deployments.bench.scratch import scratch_database
from deployments.bench.town import build_town
from deployments.bench.years import add_history
from deployments.stack.environment import adopt
from domain import clock
from domain.session import connect, transaction
from domain.staff.joining import join
from gateway.links import desk_link, owner_link
from gateway.settings import Settings, settings

THINK_SECONDS = 2.0
ROOMS_LOOKED_AT = 200
SEARCHES = ("300-1", "业主", "12-1-7")
LISTS = (
    "/desk", "/desk/rooms", "/desk/people", "/desk/bills", "/desk/bills?late=yes",
    "/desk/payments", "/desk/runs", "/desk/letters", "/desk/letters?status=failed", "/desk/fees",
    "/desk/meters", "/desk/staff", "/desk/audit", "/desk/counter",
)  # fmt: skip


class PageBroken(RuntimeError):
    """A page that did not open."""


@dataclass(frozen=True)
class Visit:
    """One page that was opened: its kind, and how long it took."""

    kind: str
    seconds: float


def run(rooms: int, months: int, people: int, seconds: int) -> dict[str, Any]:
    """Build the town, put people to work, and say how long their pages took."""
    config = adopt(settings())
    with scratch_database(config, "screens") as url:
        staff_id = _fill(url, rooms, months)
        keys = {"WUYE_DATA_KEYS": config.data_keys.get_secret_value()} if config.data_keys else {}
        with gateway(url, keys) as base:
            here = config.model_copy(update={"base_url": base})
            pages = _pages(url, here)
            _walk(here, staff_id, pages)  # once through, so that nothing is cold
            visits = _at_work(here, staff_id, pages, people, seconds)
        database = _bare(url)
    return _figures(visits, database, rooms, months, people)


def _fill(url: str, rooms: int, months: int) -> int:
    engine = connect(url)
    with transaction(engine) as session:
        town = build_town(session, rooms)
        company = session.scalar(text("SELECT id FROM company LIMIT 1"))
        assert company is not None
        staff = join(session, company_id=company, login="bench", name="测速经理", role="admin")
        add_history(session, town, staff.id, months)
    engine.dispose()
    _vacuum(url)
    return staff.id


def _vacuum(url: str) -> None:
    """As autovacuum would have done over the months."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def _pages(url: str, config: Settings) -> dict[str, list[str]]:
    """Kind -> addresses: lists, one room at the counter, one person, one bill, an owner's pages."""
    engine = connect(url)
    with transaction(engine) as session:
        rows = session.execute(
            text(
                "SELECT room_id, payer_id, no FROM bill WHERE payer_id IS NOT NULL"
                " ORDER BY id DESC LIMIT :most"
            ),
            {"most": ROOMS_LOOKED_AT},
        ).all()
    engine.dispose()
    at = clock.now()
    pages = {one: [one] for one in LISTS}
    pages["room"] = [f"/desk/rooms/{row.room_id}" for row in rows]
    pages["person"] = [f"/desk/people/{row.payer_id}" for row in rows]
    pages["bill"] = [f"/desk/bills/{row.no}" for row in rows]
    pages["counter room"] = [f"/desk/counter/rooms/{row.room_id}" for row in rows]
    pages["owner"] = [
        owner_link(config, person_id=row.payer_id, at=at).removeprefix(config.base_url)
        for row in rows
    ]
    return pages


def _walk(config: Settings, staff_id: int, pages: Mapping[str, Sequence[str]]) -> None:
    with _signed_in(config, staff_id) as http:
        for kind, addresses in pages.items():
            for address in addresses[:3]:
                _open(http, kind, address)


def _at_work(
    config: Settings, staff_id: int, pages: Mapping[str, Sequence[str]], people: int, seconds: int
) -> list[Visit]:
    visits: list[Visit] = []
    end = time.monotonic() + seconds

    def work(seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - which page is opened next
        with _signed_in(config, staff_id) as http:
            while time.monotonic() < end:
                time.sleep(chance.uniform(0.5, 1.5) * THINK_SECONDS)
                kind = chance.choice(list(pages))
                visits.append(_open(http, kind, chance.choice(pages[kind])))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return visits


@contextmanager
def _signed_in(config: Settings, staff_id: int) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=config.base_url, trust_env=False, timeout=30) as http:
        link = desk_link(config, staff_id, clock.now())
        answer = http.post(link.removeprefix(config.base_url))
        if answer.status_code != 303:
            raise PageBroken(f"signing in: {answer.status_code}")
        yield http


def _open(http: httpx.Client, kind: str, address: str) -> Visit:
    began = time.perf_counter()
    answer = http.get(address)
    spent = time.perf_counter() - began
    if answer.status_code != 200:
        raise PageBroken(f"{kind}: {answer.status_code}")
    return Visit(kind, spent)


def _bare(url: str) -> dict[str, float]:
    """Milliseconds of the bare questions behind two of the pages, for comparison."""
    questions = {
        "owing_ms": "SELECT id FROM bill WHERE community_id = 1 AND status IN"
        " ('issued', 'partly_paid') ORDER BY due_on LIMIT 50",
        "ageing_ms": "SELECT r.building_id, sum(b.total_fen - b.paid_fen) FROM bill b"
        " JOIN room r ON r.id = b.room_id WHERE b.status IN ('issued', 'partly_paid') GROUP BY 1",
    }
    engine = connect(url)
    found = {}
    with Session(engine) as session:
        for name, question in questions.items():
            spent = []
            for _ in range(9):
                began = time.perf_counter()
                session.execute(text(question)).all()
                spent.append(time.perf_counter() - began)
            found[name] = round(sorted(spent)[4] * 1000, 1)
    engine.dispose()
    return found


def _figures(
    visits: Sequence[Visit], database: Mapping[str, float], rooms: int, months: int, people: int
) -> dict[str, Any]:
    by_kind: dict[str, list[float]] = {}
    for one in visits:
        by_kind.setdefault(one.kind, []).append(one.seconds * 1000)
    lists = [spent for kind in LISTS for spent in by_kind.get(kind, [])]
    return {
        "rooms": rooms, "months": months, "people": people, "think_seconds": THINK_SECONDS,
        "visits": len(visits),
        "lists_p50_ms": _quantile(lists, 0.50), "lists_p95_ms": _quantile(lists, 0.95),
        "owner_p95_ms": _quantile(by_kind.get("owner", []), 0.95),
        "pages_p95_ms": {kind: _quantile(spent, 0.95) for kind, spent in sorted(by_kind.items())},
        **database,
    }  # fmt: skip


def _quantile(spent: Sequence[float], part: float) -> float | None:
    ordered = sorted(spent)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 1) if ordered else None
