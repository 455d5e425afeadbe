"""Starting a deployment from a link: noted under the link's nonce first, handed to Prefect after.

What stands in the row is what is started: a second click, a second tab and a click after a crash
all find the row, and Prefect knows the same key.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request

from domain import clock
from domain.access import starts
from domain.access.starts import Started
from domain.history import audit
from domain.session import transaction
from gateway.action_links import StartAction
from gateway.flow_server import FlowServer
from gateway.web.act import schema
from gateway.web.act.catalogue import Startable, startable
from gateway.web.act.schema import Field
from gateway.web.act.weighing import Weighing
from gateway.web.sessions import Desk, engine_of

KEY = "act"
"""Before a nonce: which part of ours gave Prefect the key."""


@dataclass(frozen=True)
class Form:
    """The form of a link as it stands: its fields, what is typed, what is wrong."""

    action: StartAction
    entry: Startable
    fields: list[Field]
    typed: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def settled(self) -> Mapping[str, str]:
        """Fields that the link has filled in: shown, not asked."""
        return self.action.preset


@dataclass(frozen=True)
class Intent:
    """What would be started, where."""

    parameters: dict[str, Any]
    community_id: int | None
    weighing: Weighing


def flow_server(request: Request) -> FlowServer:
    """The application's way to Prefect."""
    server: FlowServer = request.app.state.flow_server
    return server


def admit(desk: Desk, action: StartAction) -> Startable:
    """The colleague may start this; where it is known in which community, then there."""
    entry = startable(action.deployment)
    desk.access.require_somewhere(entry.needs)
    if action.preset or entry.whole:
        entry.permit(desk, entry.where(desk.session, schema.nested(action.preset)))
    return entry


def form_of(
    server: FlowServer, action: StartAction, entry: Startable, typed: Mapping[str, str] | None
) -> Form:
    """The form: as the schema has it, with what was typed, and what the link has settled on top."""
    wanted = schema.fields(server.deployment(action.deployment).schema)
    said = {one.key: one.default for one in wanted} if typed is None else dict(typed)
    return Form(action, entry, wanted, {**said, **action.preset})


def intend(desk: Desk, form: Form, parameters: Mapping[str, Any]) -> Intent:
    """Where it would act, that they may there, and what it would bring about."""
    entry = form.entry
    community_id = entry.where(desk.session, parameters)
    entry.permit(desk, community_id)
    settled = entry.settle(parameters, clock.local_day(desk.at))
    return Intent(settled, community_id, entry.weigh(desk.session, settled, community_id))


def key_of(action: StartAction) -> str:
    """The key of a link in our table and at Prefect."""
    return f"{KEY} {action.nonce}"


def note(desk: Desk, form: Form, intent: Intent, *, request_id: str) -> Started:
    """Note the start, once per link; the row that stands."""
    row, made = starts.note(
        desk.session, key=key_of(form.action), staff_id=desk.staff.id,
        deployment=form.action.deployment, parameters=intent.parameters,
        community_id=intent.community_id, request_id=request_id, at=desk.at,
    )  # fmt: skip
    if made:
        audit.record(
            desk.session, "flow.start", subject="flow_start", subject_id=row.id,
            by=desk.access.actor, at=desk.at, deployment=row.deployment,
        )  # fmt: skip
    return row


def hand_over(request: Request, row: Started) -> None:
    """Give a noted start to Prefect, and note its run. FlowsUnreachable: the row waits."""
    if row.prefect_run is not None:
        return
    run = flow_server(request).start(
        row.deployment, row.parameters, key=row.key, tags=[f"request:{row.request_id}"]
    )
    with transaction(engine_of(request)) as session:
        starts.handed_over(session, row.id, prefect_run=run)
