"""The bill-run flow in a process of its own, so that its memory is its own. Prints one JSON object.

The process has imported what a worker's flow run has when it is forked from the warm interpreter,
and the Prefect server has answered before, as one that runs all day has.

python -m deployments.bench.flow_child COMMUNITY YYYY-MM
"""

import json
import resource
import sys
import time

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

from deployments.warm.preload import import_libraries, import_ours
from flows.bill_run import BillRunForm, bill_run


def measure(name: str, month: str) -> dict[str, float]:
    """Seconds of a whole run (drafts, decision, issue, letters) and of running it once more."""
    form = BillRunForm(community=name, month=month)
    started = time.perf_counter()
    outcome = bill_run(form)
    issued = time.perf_counter()
    bill_run(form)
    again = time.perf_counter()
    assert outcome["status"] == "issued", outcome
    return {
        "seconds": issued - started,
        "rerun_seconds": again - issued,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


if __name__ == "__main__":
    # A sync flow waits for its heartbeat thread when it ends, up to a second of doing nothing.
    import_libraries()
    import_ours()
    with get_client(sync_client=True) as client:
        client.hello()
    with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
        print(json.dumps(measure(*sys.argv[1:])))
