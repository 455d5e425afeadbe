"""Following what was started: state, progress, result; `/desk/flows`: what may be started."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from domain.access import starts
from domain.access.starts import Started
from domain.history import audit
from gateway.action_links import decide_link, path_of, start_link
from gateway.flow_server import Artifact, FlowServer, FlowsRefused, FlowsUnreachable, State
from gateway.web.act import catalogue, markdown, saying, schema
from gateway.web.act.starting import flow_server, hand_over
from gateway.web.fields import FormKey, Id
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, settings_of

router = APIRouter()

LATEST = 20
StartId = Annotated[Id, Path()]


@dataclass(frozen=True)
class Told:
    """What Prefect says of runs; `away`: it does not answer."""

    states: Mapping[str, State]
    artifacts: Sequence[Artifact] = ()
    away: bool = False


@router.get("/act/runs/{start_id}")
def follow(request: Request, start_id: StartId, late: str = "") -> Response:
    """Where a start stands; the page looks again by itself while something moves."""
    with at_desk(request) as desk:
        row, entry = _seen(desk, start_id)
        shows = desk.access.may(entry.shows, community_id=row.community_id)
        facts = _facts(request, desk, row, entry) if shows else {"outcome": None, "decide": ""}
        watches = desk.access.may("flows.watch", community_id=row.community_id)
        again = _again(request, desk, row, entry)
    server = flow_server(request)
    told, said = ask(server, row.prefect_run, artifacts=shows), saying.answers(server, row)
    state = told.states.get(row.prefect_run or "")
    return page(
        request, "act/follow.html", desk=desk, row=row, entry=entry, told=told, state=state,
        stands=saying.tag(state, handed_over=row.prefect_run is not None), late=bool(late),
        moves=saying.moves(state), failure=saying.failure(state), again=again,
        progress=saying.progress(told.artifacts), shows=shows, markdown=markdown, said=said,
        page_of=server.page_of(row.prefect_run) if watches and row.prefect_run else "", **facts,
    )  # fmt: skip


@router.post("/act/runs/{start_id}/again")
def again(request: Request, start_id: StartId, form_key: FormKey = "") -> Response:
    """Hand a start over that Prefect has not taken yet: the same key, so never a second run."""
    with at_desk(request, form_key=form_key) as desk:
        row, entry = _seen(desk, start_id)
        by = entry.permit(desk, row.community_id)
        audit.record(
            desk.session, "flow.hand_over", subject="flow_start", subject_id=row.id, by=by,
            at=desk.at, deployment=row.deployment,
        )  # fmt: skip
    try:
        hand_over(request, row)
    except (FlowsUnreachable, FlowsRefused):
        return RedirectResponse(f"/act/runs/{start_id}?late=1", 303)
    return RedirectResponse(f"/act/runs/{start_id}", 303)


@router.get("/desk/flows")
def flows(request: Request) -> Response:
    """What this colleague may start, and how the latest starts stand."""
    with at_desk(request) as desk:
        offered = catalogue.offered(desk)
        rows = starts.latest(desk.session, desk.access, limit=LATEST)
    told = _states(flow_server(request), [row.prefect_run for row in rows if row.prefect_run])
    tags = {
        row.id: saying.tag(
            told.states.get(row.prefect_run or ""), handed_over=bool(row.prefect_run)
        )
        for row in rows
    }
    return page(
        request, "act/flows.html", desk=desk, offered=offered, rows=rows, told=told, tags=tags,
        name_of=catalogue.name_of,
    )  # fmt: skip


def ask(server: FlowServer, run_id: str | None, *, artifacts: bool) -> Told:
    """What Prefect says of one run."""
    told = _states(server, [run_id] if run_id else [])
    if told.away or run_id is None or not artifacts:
        return told
    try:
        return Told(told.states, server.artifacts(run_id))
    except (FlowsUnreachable, FlowsRefused):
        return Told(told.states, away=True)


def _states(server: FlowServer, run_ids: Sequence[str]) -> Told:
    try:
        return Told(server.states(run_ids))
    except (FlowsUnreachable, FlowsRefused):
        return Told({}, away=True)


def _seen(desk: Desk, start_id: int) -> tuple[Started, catalogue.Startable]:
    """The start, for who may start such a thing there or watches the flows there."""
    row = starts.find(desk.session, start_id)
    entry = catalogue.startable(row.deployment)
    if not desk.access.may("flows.watch", community_id=row.community_id):
        entry.permit(desk, row.community_id)
    return row, entry


def _facts(
    request: Request, desk: Desk, row: Started, entry: catalogue.Startable
) -> dict[str, Any]:
    """Our own figures, and the link to decide where a decision is waited for."""
    outcome = entry.figures(desk, row.parameters, row.community_id)
    config = settings_of(request)
    link = ""
    if outcome and outcome.decides:
        nonce = f"start {row.id}"
        link = path_of(config, decide_link(config, outcome.decides, nonce=nonce, at=desk.at))
    return {"outcome": outcome, "decide": link}


def _again(request: Request, desk: Desk, row: Started, entry: catalogue.Startable) -> str:
    """A fresh link with the same answers, for who may start it now."""
    if not desk.access.may(entry.needs, community_id=row.community_id) or entry.page:
        return ""
    config = settings_of(request)
    preset = {key: value for key, value in schema.flat(row.parameters).items() if value}
    return path_of(config, start_link(config, row.deployment, at=desk.at, preset=preset))


def _opens(entry: catalogue.Startable) -> Callable[[Request], Response]:
    def fresh(request: Request) -> Response:
        """A fresh link to start a flow, for who may."""
        config = settings_of(request)
        with at_desk(request) as desk:
            desk.access.require_somewhere(entry.needs)
            return RedirectResponse(
                path_of(config, start_link(config, entry.deployment, at=desk.at)), 303
            )

    return fresh


for one in catalogue.STARTABLE.values():
    if not one.page:
        router.get(one.address)(_opens(one))
