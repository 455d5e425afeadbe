"""`wuye bench screens`: pages of a whole town through HTTP, with twenty people at work.

Twenty people at work are not twenty machines: each opens a page, reads it for a random while
(exponential, `THINK_SECONDS` in the mean, which is quicker than anybody reads), and opens the next;
that offers `people / THINK_SECONDS` pages a second at most. What is measured is the time from the
request to the last byte, on the same cores that serve it. The same people at leisure (`calm`) find a
machine that rests between their clicks: `slower_after_rest` says what the machine makes of that with
plain work. And without a pause (`hammered`) they say what the gateway can do at most: there the times
are those of a queue.

Every list of the desk is opened in every way `pages` finds, by an administrator of everything and
by a colleague who may see one small community only; owners' pages are opened as owners do.
`db_ratio` is the database's time for a page over that of the bare SQL for the same facts (`asking`).
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import create_engine, text

from deployments.bench import pages as found
from deployments.bench.asking import asked_and_bare
from deployments.bench.bare import bare
from deployments.bench.folk import settle
from deployments.bench.gateway import gateway
from deployments.bench.resting import slower_after_rest
from deployments.bench.scratch import scratch_database
from deployments.bench.town import build_town
from deployments.bench.visiting import Colleague, Visit, Window, at_work, quantile, signed_in
from deployments.bench.years import FILLED, add_history
from deployments.stack.environment import adopt
from domain import clock
from domain.session import connect, transaction
from domain.staff.joining import join
from gateway.links import owner_link
from gateway.settings import Settings, settings

THINK_SECONDS = 0.5
CALM_SECONDS = 2.0
CALM_PART, HAMMER_PART = 2, 6
"""Half of the measured time is measured calmly, too, and a sixth is hammered."""
LOOKED_AT = 200
SMALL = 100
"""The neighbouring community has a hundredth of the rooms."""
ENOUGH = 20
"""Visits from which on a page's own p95 says something."""
SLOWEST = 10
SECRET = re.compile(r"(/h5/b/|[?&]s=)[^/?&]+")


def run(rooms: int, months: int, people: int, seconds: int) -> dict[str, Any]:
    """Build the town, put people to work, and say how long their pages took."""
    config = adopt(settings())
    with scratch_database(config, "screens") as url:
        staff = fill(url, rooms, months)
        keys = {"WUYE_DATA_KEYS": config.data_keys.get_secret_value()} if config.data_keys else {}
        with gateway(url, keys) as base:
            here = config.model_copy(update={"base_url": base})
            figures = measure(url, here, staff, people, seconds)
    return {"rooms": rooms, "months": months, "people": people, **figures}


def measure(
    url: str, config: Settings, staff: Sequence[int], people: int, seconds: float
) -> dict[str, Any]:
    """What people see, what the gateway could take, and how much of it is the database."""
    towns, owners = _towns(url), owner_pages(url, config)
    desks = [
        Colleague(one, desk_pages(url, config, one, town) | owners)
        for one, town in zip(staff, towns, strict=True)
    ]
    alone = walk(config, desks)
    visits = at_work(config, desks, people=people, seconds=seconds, think=THINK_SECONDS)
    leisure, hammer = seconds / CALM_PART, seconds / HAMMER_PART
    calm = at_work(config, desks, people=people, seconds=leisure, think=CALM_SECONDS)
    hammered = at_work(config, desks, people=people, seconds=hammer, think=0)
    return {
        **_figures(visits, desks[0].pages, seconds, people),
        "calm": _pace(calm, CALM_SECONDS, people),
        "slower_after_rest": slower_after_rest(),
        "hammered_per_s": round(len(hammered) / hammer, 1),
        "hammered_p95_ms": quantile([one.seconds for one in hammered], 0.95),
        "slowest_alone_ms": alone,
        **asked_and_bare(
            url, config, staff_id=staff[0], person_id=_newest_bills(url, towns[0])[0].payer_id
        ),
    }


def fill(url: str, rooms: int, months: int) -> list[int]:
    """The town and its small neighbour with their years; an administrator, and one of the small."""
    engine = connect(url)
    with transaction(engine) as session:
        towns = {
            build_town(session, count, name=name): count
            for name, count in (("测速小区", rooms), ("测速小院", max(rooms // SMALL, 1)))
        }
        company = session.scalar(text("SELECT min(id) FROM company"))
        assert company is not None
        staff = [
            join(session, company_id=company, login=login, name=name, role="admin").id
            for login, name in (("bench", "测速经理"), ("small", "小院经理"))
        ]
        session.execute(
            text("UPDATE staff_role SET community_id = :town WHERE staff_id = :staff"),
            {"town": max(towns), "staff": staff[1]},
        )
        with bare(session, FILLED):
            for town, count in reversed(towns.items()):  # the small one's rows are the oldest
                settle(session, town, count)
                add_history(session, town, staff[0], months, clock.today().replace(day=1))
        session.execute(text("SELECT keep_reads(array_agg(id)) FROM meter"))  # no trigger was heard
    engine.dispose()
    _vacuum(url)
    return staff


def _vacuum(url: str) -> None:
    """As autovacuum would have done over the months."""
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg2://", 1), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def desk_pages(url: str, config: Settings, staff_id: int, town: int) -> dict[str, list[str]]:
    """Kind -> addresses: every list, and many a room, person and bill of a town."""
    rows = _newest_bills(url, town)
    one = rows[0]
    words = (one.code, one.code[:-1], one.name, one.name[0], one.no, "0042")
    with signed_in(config, staff_id) as http:
        pages = found.lists(http, words)
    pages["counter room"] = [f"/desk/counter/rooms/{row.room_id}" for row in rows]
    pages["room"] = [f"/desk/rooms/{row.room_id}" for row in rows]
    pages["person"] = [f"/desk/people/{row.payer_id}" for row in rows]
    pages["bill"] = [f"/desk/bills/{row.no}" for row in rows]
    return pages


def owner_pages(url: str, config: Settings) -> dict[str, list[str]]:
    """What an owner opens: what is owed, one bill, and what is known about them."""
    at = clock.now()
    links = {
        row.no: owner_link(config, person_id=row.payer_id, at=at).removeprefix(config.base_url)
        for row in _newest_bills(url, _towns(url)[0])
    }
    return {
        "owner": list(links.values()),
        "owner bill": [f"{link}/{no}" for no, link in links.items()],
        "owner me": [f"{link}/me" for link in links.values()],
    }


def _newest_bills(url: str, town: int) -> Sequence[Any]:
    engine = connect(url)
    with transaction(engine) as session:
        rows = session.execute(
            text(
                "SELECT b.room_id, b.payer_id, b.no, r.code, p.name FROM bill b"
                " JOIN room r ON r.id = b.room_id JOIN person p ON p.id = b.payer_id"
                " WHERE b.community_id = :town ORDER BY b.id DESC LIMIT :most"
            ),
            {"town": town, "most": LOOKED_AT},
        ).all()
    engine.dispose()
    return rows


def _towns(url: str) -> list[int]:
    """The town, and its small neighbour."""
    engine = connect(url)
    with transaction(engine) as session:
        found = session.scalars(text("SELECT id FROM community ORDER BY id")).all()
    engine.dispose()
    return list(found)


def walk(config: Settings, desks: Sequence[Colleague]) -> dict[str, float]:
    """Every address with nobody else at work, so that nothing is cold; the slowest of them again.

    Of many rooms, people or bills twenty each.
    """
    spent: dict[str, float] = {}
    for desk in desks:
        with closing(Window(config, desk.staff_id)) as window:
            some = {
                address: window.open(kind, address).seconds
                for kind, addresses in desk.pages.items()
                for address in (addresses if kind.startswith("/") else addresses[:ENOUGH])
            }
            for address in sorted(some, key=lambda one: -some[one])[: 2 * SLOWEST]:
                fastest = min(window.open(address, address).seconds for _ in range(3))
                spent[address] = max(spent.get(address, 0), round(fastest * 1000, 1))
    slowest = sorted(spent, key=lambda one: -spent[one])[:SLOWEST]
    return {_nameless(one): spent[one] for one in slowest}


def _nameless(address: str) -> str:
    """Without an owner's token or sealed words."""
    return SECRET.sub(r"\1...", address)


def _figures(
    visits: Sequence[Visit], desk: Mapping[str, Sequence[str]], seconds: float, people: int
) -> dict[str, Any]:
    by_kind: dict[str, list[float]] = {}
    for one in visits:
        by_kind.setdefault(one.kind, []).append(one.seconds)
    p95 = {
        kind: quantile(spent, 0.95)
        for kind, spent in sorted(by_kind.items())
        if len(spent) >= ENOUGH
    }
    return {
        **_pace(visits, THINK_SECONDS, people), "per_s": round(len(visits) / seconds, 1),
        "lists": sum(kind.startswith("/") for kind in desk),
        "list_addresses": sum(len(some) for kind, some in desk.items() if kind.startswith("/")),
        "pages_p50_ms": {kind: quantile(spent, 0.5) for kind, spent in sorted(by_kind.items())},
        "pages_p95_ms": p95,
        "worst_page": max(p95, key=lambda kind: p95[kind] or 0, default=None),
    }  # fmt: skip


def _pace(visits: Sequence[Visit], think: float, people: int) -> dict[str, Any]:
    """How long lists and owners' pages took people of this pace."""
    lists = [one.seconds for one in visits if one.kind.startswith("/")]
    owner = [one.seconds for one in visits if one.kind.startswith("owner")]
    return {
        "think_seconds": think, "offered_per_s": round(people / think, 1), "visits": len(visits),
        "lists_p50_ms": quantile(lists, 0.50), "lists_p95_ms": quantile(lists, 0.95),
        "owner_p50_ms": quantile(owner, 0.50), "owner_p95_ms": quantile(owner, 0.95),
    }  # fmt: skip
