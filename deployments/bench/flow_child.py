"""The bill-run flow in a process of its own, so that its memory is its own. Prints one JSON object.

python -m deployments.bench.flow_child COMMUNITY YYYY-MM
"""

import json
import resource
import sys
import time

from domain import clock
from domain.bills.model import BillRunStatus, Decision
from domain.bills.queries import live_run
from domain.company.queries import community
from domain.fees.calc.periods import parse_month
from domain.history.actor import Actor
from domain.session import transaction
from flows.bill_run import BillRunForm, bill_run
from flows.office import engine
from statemachines import bill_run as machine


def measure(name: str, month: str) -> dict[str, float]:
    """Seconds of a whole run (drafts, decision, issue, letters) and of running it once more."""
    form = BillRunForm(community=name, month=month)
    started = time.perf_counter()
    bill_run(form)
    drafted = time.perf_counter()
    _approve(name, month)
    bill_run(form)
    issued = time.perf_counter()
    bill_run(form)
    again = time.perf_counter()
    return {
        "seconds": issued - started,
        "draft_seconds": drafted - started,
        "rerun_seconds": again - issued,
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _approve(name: str, month: str) -> None:
    with transaction(engine()) as session:
        place = community(session, name)
        run = live_run(session, community_id=place.id, period_start=parse_month(month))
        assert run is not None
        assert run.status is BillRunStatus.AWAITING_APPROVAL
        machine.decide(
            session, run.id, Decision.APPROVE, by=Actor.operator("bench"), at=clock.now()
        )


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))
