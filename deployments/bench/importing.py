"""`wuye bench import`: a workbook of owners into an empty database, beside bare reading and writing."""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from deployments.bench.people import write_owners
from deployments.bench.scratch import scratch_database
from deployments.stack.environment import adopt
from gateway.excel.bare import read_values, write_values
from gateway.settings import settings

REPEATS = 3
COUNTS = """
    SELECT (SELECT count(*) FROM room), (SELECT count(*) FROM room_area),
           (SELECT count(*) FROM occupancy WHERE role = 'owner'),
           (SELECT count(*) FROM person WHERE phone_blind IS NOT NULL),
           (SELECT count(*) FROM import_change)"""


class NotTheSame(RuntimeError):
    """The product did not write what the workbook holds: the figures would mean nothing."""


def run(rows: int) -> dict[str, Any]:
    """Measure with `rows` rooms: median of a few rounds, ceiling and product in turn.

    The ceiling reads the workbook with calamine and writes the same cells with XlsxWriter in
    constant memory; the product parses, checks, applies and gives back the annotated copy.
    """
    adopt(settings())
    with tempfile.TemporaryDirectory(prefix="wuye-bench-") as folder:
        book = Path(folder) / "owners.xlsx"
        write_owners(book, rows)
        rounds = [(_ceiling(book, rows), _product(book, rows)) for _ in range(REPEATS)]
    ceilings = [ceiling for ceiling, _ in rounds]
    products = [product["seconds"] for _, product in rounds]
    seconds, ceiling = _median(products), _median(ceilings)
    return {
        "bench": "import", "rows": rows, "seconds": round(seconds, 2),
        "ceiling_seconds": round(ceiling, 2), "ratio": round(seconds / ceiling, 2),
        "rows_per_s": round(rows / seconds),
        "peak_rss_mb": round(max(product["peak_rss_mb"] for _, product in rounds)),
        "rounds": [[round(c, 2), round(p, 2)] for c, p in zip(ceilings, products, strict=True)],
    }  # fmt: skip


def _ceiling(book: Path, rows: int) -> float:
    started = time.perf_counter()
    values = read_values(book.read_bytes())
    write_values(book.with_name("bare.xlsx"), values)
    seconds = time.perf_counter() - started
    if len(values) != rows + 1:
        raise NotTheSame(f"{len(values) - 1} rows were read, not {rows}")
    return seconds


def _product(book: Path, rows: int) -> dict[str, float]:
    copy = book.with_name("annotated.xlsx")
    with scratch_database(settings(), "import") as url:
        child = subprocess.run(
            [sys.executable, "-m", "deployments.bench.import_child", str(book), str(copy)],
            env={**os.environ, "WUYE_DATABASE_URL": url},
            stdout=subprocess.PIPE, check=True, text=True,
        )  # fmt: skip
        told: dict[str, float] = json.loads(child.stdout.splitlines()[-1])
        _check(url, told, rows)
    if len(read_values(copy.read_bytes())) != rows + 1:
        raise NotTheSame("the annotated copy has other rows")
    return told


def _check(url: str, told: dict[str, float], rows: int) -> None:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg2://", 1))
    with engine.connect() as connection:
        counts = [int(count) for count in connection.execute(text(COUNTS)).one()]
    engine.dispose()
    if counts != [rows] * 5 or told["new"] != rows:
        raise NotTheSame(f"{counts} and {told['new']} new: not {rows} of each")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
