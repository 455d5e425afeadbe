"""`wuye bench bill-run`: a whole run through Prefect beside bare SQL and a plain ORM loop."""

import json
import os
import subprocess
import sys
from secrets import randbelow
from statistics import median
from typing import Any

from sqlalchemy import Engine, text, update

from deployments.bench import rows
from deployments.bench.scratch import scratch_database
from deployments.bench.town import COMMUNITY, MONTH, build_town
from deployments.stack import prefect_api
from deployments.stack.environment import adopt
from domain.bills.chunks import ROOMS_PER_CHUNK
from domain.company.model import Community
from domain.session import connect, transaction
from gateway.settings import settings

REPEATS = 3
SAMPLE = 500
NO_LIMIT_FEN = 10**15
BEYOND_REAL_RUNS = "SELECT setval(pg_get_serial_sequence('bill_run', 'id'), :number)"


class NotTheSame(RuntimeError):
    """Bare SQL and the product did not write the same rows: the figures would mean nothing."""


def run(count: int) -> dict[str, Any]:
    """Measure with `count` rooms; see PERF in README for the bars."""
    adopt(settings())
    with prefect_api(settings()) as api, scratch_database(settings(), "bill_run") as url:
        engine = connect(url)
        try:
            _build(engine, count)
            product = _flow(url, api)
            wrote = rows.written(engine)
            rows.stage(engine)
            ceiling, floor = _beside(engine, wrote)
        finally:
            engine.dispose()
    return _figures(count, product, wrote, ceiling, floor)


def _build(engine: Engine, count: int) -> None:
    with transaction(engine) as session:
        build_town(session, count, per_building=ROOMS_PER_CHUNK)
        # Nobody is asked, so that the run is measured in one piece.
        session.execute(update(Community).values(auto_approve_total_fen=NO_LIMIT_FEN))
        # Prefect's server is the installation's, and reports are kept by the number of their run.
        session.execute(text(BEYOND_REAL_RUNS), {"number": 10**9 + randbelow(10**9)})


def _beside(engine: Engine, wrote: tuple[int, ...]) -> tuple[float, float]:
    """Median seconds of bare SQL, and per line of the ORM loop, in turn: a busy machine hits both."""
    ceilings, floors = [], []
    for _ in range(REPEATS):
        ceilings.append(rows.bare_sql(engine))
        _require_same(engine, wrote)
        floors.append(rows.floor(engine, SAMPLE))
    return median(ceilings), median(floors)


def _require_same(engine: Engine, wrote: tuple[int, ...]) -> None:
    if (found := rows.written(engine)) != wrote:
        raise NotTheSame(f"{found} is not {wrote}")


def _flow(url: str, api: str) -> dict[str, float]:
    environment = {**os.environ, "WUYE_DATABASE_URL": url, "PREFECT_API_URL": api}
    child = subprocess.run(
        [sys.executable, "-m", "deployments.bench.flow_child", COMMUNITY, MONTH],
        env=environment, stdout=subprocess.PIPE, check=True, text=True,
    )  # fmt: skip
    told: dict[str, float] = json.loads(child.stdout.splitlines()[-1])
    return told


def _figures(
    count: int, product: dict[str, float], wrote: tuple[int, ...], ceiling: float, floor: float
) -> dict[str, Any]:
    bills, total_fen, lines, _, letters, _ = wrote
    seconds = product["seconds"]
    return {
        "bench": "bill-run",
        "rooms": count,
        "bills": bills,
        "lines": lines,
        "total_fen": total_fen,
        "letters": letters,
        "seconds": round(seconds, 2),
        "rows_per_s": round(lines / seconds),
        "ceiling_seconds": round(ceiling, 2),
        "ratio": round(ceiling / seconds, 3),
        "floor_rows_per_s": round(1 / floor),
        "times_floor": round(lines / seconds * floor, 1),
        "rerun_ratio": round(product["rerun_seconds"] / seconds, 3),
        "peak_rss_mb": round(product["peak_rss_mb"]),
    }
