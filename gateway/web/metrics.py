"""`/metrics`: requests by route, callbacks by outcome, and what waits in the database.

Labels are route patterns, methods and codes: nothing here names anybody.
"""

import dataclasses
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry
from prometheus_client import generate_latest as rendered
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import InterfaceError, OperationalError

from domain import clock
from domain.health import counts
from domain.session import transaction
from gateway.web.sessions import engine_of, life, settings_of

router = APIRouter()

MEANINGS = {
    "letters_queued": "Letters due and not sent yet.",
    "letters_oldest_seconds": "How long the oldest due letter has waited.",
    "letters_failed_lately": "Letters given up within a day.",
    "events_waiting": "WeCom events stored and not handled yet.",
    "events_oldest_seconds": "How long the oldest such event has waited.",
    "events_given_up_lately": "WeCom events given up within a day.",
    "runs_awaiting_approval": "Bill runs that wait for a person.",
    "desk_sessions": "Browsers signed in at the desk and used lately.",
}


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Everything, in the text format of Prometheus."""
    registry: CollectorRegistry = request.app.state.requests.registry
    body = rendered(registry) + rendered(_Asked(list(_of_now(request))))
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """Metrics read for this one answer, in the shape a registry has."""

    metrics: list[Metric]

    def collect(self) -> list[Metric]:
        """Them."""
        return self.metrics


def _of_now(request: Request) -> Iterator[Metric]:
    refused = CounterMetricFamily(
        "wuye_wecom_callbacks", "WeCom callbacks by outcome.", labels=["outcome"]
    )
    for outcome, count in request.app.state.callbacks.counts.items():
        refused.add_metric([outcome], count)
    yield refused
    up = GaugeMetricFamily("wuye_database_up", "Whether the database answers.")
    try:
        with transaction(engine_of(request)) as session:
            idle = life(settings_of(request)).idle
            found = counts.health(session, at=clock.now(), idle=idle)
    except (OperationalError, InterfaceError):
        up.add_metric([], 0)
        yield up
        return
    up.add_metric([], 1)
    yield up
    for name, value in dataclasses.asdict(found).items():
        gauge = GaugeMetricFamily(f"wuye_{name}", MEANINGS[name])
        gauge.add_metric([], value)
        yield gauge
