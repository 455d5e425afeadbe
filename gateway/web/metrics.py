"""`/metrics`: requests by route, callbacks by outcome, and what waits in the database.

Labels are route patterns, methods and codes: nothing here names anybody.
"""

import dataclasses
from collections.abc import Iterator
from functools import partial

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry
from prometheus_client import generate_latest as rendered
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from sqlalchemy.exc import InterfaceError, OperationalError

from domain import clock
from domain.health import counts
from domain.health.counts import Health
from domain.session import transaction
from gateway.web.patience import Look
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
    "channels_resting": "Ways to send that WeCom refuses as a whole (limits, address, secret).",
}


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Everything, in the text format of Prometheus; what the database knows only if it answers."""
    registry: CollectorRegistry = request.app.state.requests.registry
    look: Look[Health | None] = request.app.state.figures
    found = await look.at(partial(_figures, request))
    body = rendered(registry) + rendered(_Asked(list(_of_now(request, found))))
    return Response(body, media_type=CONTENT_TYPE_LATEST)


@dataclasses.dataclass(frozen=True)
class _Asked:
    """Metrics read for this one answer, in the shape a registry has."""

    metrics: list[Metric]

    def collect(self) -> list[Metric]:
        """Them."""
        return self.metrics


def _figures(request: Request) -> Health | None:
    """None when the database is away."""
    try:
        with transaction(engine_of(request)) as session:
            idle = life(settings_of(request)).idle
            return counts.health(session, at=clock.now(), idle=idle)
    except (OperationalError, InterfaceError):
        return None


def _of_now(request: Request, found: Health | None) -> Iterator[Metric]:
    refused = CounterMetricFamily(
        "wuye_wecom_callbacks", "WeCom callbacks by outcome.", labels=["outcome"]
    )
    for outcome, count in request.app.state.callbacks.counts.items():
        refused.add_metric([outcome], count)
    yield refused
    up = GaugeMetricFamily("wuye_database_up", "Whether the database answers.")
    up.add_metric([], 0 if found is None else 1)
    yield up
    for name, value in dataclasses.asdict(found).items() if found is not None else ():
        gauge = GaugeMetricFamily(f"wuye_{name}", MEANINGS[name])
        gauge.add_metric([], value)
        yield gauge
