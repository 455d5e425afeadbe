"""One import in a process of its own, so that its memory is its own. Prints one JSON object.

    python -m deployments.bench.import_child WORKBOOK COPY

The database is WUYE_DATABASE_URL, the keys are WUYE_DATA_KEYS.
"""

import json
import sys
import time
from pathlib import Path

from deployments.bench.people import COMMUNITY
from domain import clock
from domain.imports.model import ImportKind
from domain.session import connect
from domain.vault import Vault
from flows import importing
from gateway.settings import settings


def measure(workbook: Path, copy: Path) -> dict[str, float]:
    """Seconds from the bytes of a workbook to the committed rows and the annotated copy."""
    known = settings()
    assert known.database_url, "the bench names its scratch database"
    assert known.data_keys, "the bench has the stack's keys"
    engine = connect(known.database_url)
    vault = Vault.from_setting(known.data_keys.get_secret_value())
    engine.connect().close()
    data = workbook.read_bytes()
    started = time.perf_counter()
    report = importing.check_and_apply(
        engine, vault, community=COMMUNITY, kind=ImportKind.OWNERS,
        file_name=workbook.name, data=data, at=clock.now(),
    )  # fmt: skip
    copy.write_bytes(report.annotated)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "new": report.new, "peak_rss_mb": peak_rss_mb()}


def peak_rss_mb() -> float:
    """Of this very program: getrusage would count the parent it was forked from."""
    line = next(
        line for line in Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line
    )
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(json.dumps(measure(*map(Path, sys.argv[1:]))))
