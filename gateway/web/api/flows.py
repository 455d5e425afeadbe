"""后台任务: started through the same catalogue as links, once per Idempotency-Key, and followed."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field

from domain.access import starts
from domain.access.starts import Started
from domain.errors import Invalid, NotAllowedNow
from domain.payments.counter import KeyReused
from gateway.action_links import StartAction
from gateway.flow_server import FlowsRefused, FlowsUnreachable, State
from gateway.web.act import schema, starting
from gateway.web.act.catalogue import Startable, name_of, startable
from gateway.web.act.starting import Form
from gateway.web.api.answers import ACT, FOUND, Told, refusals
from gateway.web.api.fields import Id, IdempotencyKey, Sent
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.sessions import Desk

router = APIRouter(route_class=GuardedRoute, tags=["后台任务"])

DEEPEST = 5
Part = Annotated[str, Path(pattern=r"^[a-z][a-z-]{0,40}$", max_length=41)]
StartId = Annotated[Id, Path(description="发起的编号", examples=[41])]


class Parameters(Sent):
    """任务的参数，和发起页上的表单一样；没有填的用任务自己的默认值。"""

    parameters: dict[str, Any] = Field(
        default_factory=dict, max_length=20, description="参数",
        examples=[{"form": {"community": "翠湖花园", "month": "2026-11"}}],
    )  # fmt: skip


class FlowStart(Told):
    """一次发起，和它现在到哪一步。"""

    id: int = Field(description="发起的编号", examples=[41])
    deployment: str = Field(description="任务", examples=["bill-run/monthly"])
    name: str = Field(description="任务的中文", examples=["出账"])
    parameters: dict[str, Any] = Field(description="参数，默认值已经填好")
    community_id: int | None = Field(description="小区编号；全公司的任务为空", examples=[1])
    staff_name: str = Field(description="谁发起的", examples=["周经理"])
    at: datetime = Field(description="发起时刻", examples=["2026-11-25T02:00:00Z"])
    handed_over: bool = Field(
        description="后台是否已经接到；为 false 时用同一个编号再发一次即可，不会发起两次"
    )
    state: str | None = Field(
        description="后台说的状态：SCHEDULED、RUNNING、PAUSED、COMPLETED、FAILED 等；问不到时为空",
        examples=["RUNNING"],
    )


@router.post(
    "/flows/{flow}/{deployment}/runs",
    summary="发起任务",
    status_code=202,
    responses=refusals(*ACT),
)
def start(
    request: Request,
    flow: Part,
    deployment: Part,
    sent: Parameters,
    idempotency_key: IdempotencyKey,
) -> FlowStart:
    """发起一个后台任务，比如 bill-run/monthly。同一个 Idempotency-Key 只发起一次。"""
    with acting(request) as desk:
        action = StartAction(f"{flow}/{deployment}", f"api {desk.staff.id} {idempotency_key}")
        entry = starting.admit(desk, action)
        if _deep(sent.parameters, DEEPEST):
            raise Invalid("参数嵌套得太深了")
        if entry.page:
            raise NotAllowedNow("导入请用 /imports：先上传，看过检查的结果再导入")
    form = starting.form_of(
        starting.flow_server(request), action, entry, schema.flat(sent.parameters)
    )
    wanted = _read(form)
    with acting(request) as desk:
        row = _noted(request, desk, form, wanted)
    with suppress(FlowsUnreachable, FlowsRefused):
        starting.hand_over(request, row)
    return follow(request, row.id)


@router.get("/flow-starts/{start_id}", summary="一次发起", responses=refusals(*FOUND))
def follow(request: Request, start_id: StartId) -> FlowStart:
    """到哪一步了。要能发起这种任务，或有 flows.watch。"""
    with acting(request) as desk:
        row = starts.find(desk.session, start_id)
        _may_look(desk, row, startable(row.deployment))
    state = _state(request, row)
    return FlowStart(
        id=row.id, deployment=row.deployment, name=name_of(row.deployment),
        parameters=dict(row.parameters), community_id=row.community_id,
        staff_name=row.staff_name, at=row.at, handed_over=row.prefect_run is not None,
        state=state.type if state else None,
    )  # fmt: skip


def _noted(request: Request, desk: Desk, form: Form, wanted: Mapping[str, Any]) -> Started:
    first = starts.by_key(desk.session, starting.key_of(form.action))
    if first is not None:
        form.entry.permit(desk, first.community_id)
        if first.deployment != form.action.deployment or not _holds(first.parameters, wanted):
            raise KeyReused("这个 Idempotency-Key 已经用于另一次发起，请换一个", start=first.id)
        return first
    intent = starting.intend(desk, form, wanted)
    return starting.note(desk, form, intent, request_id=request.scope["state"]["request_id"])


def _read(form: Form) -> dict[str, Any]:
    """The parameters as the deployment takes them, or Invalid with every field that is wrong."""
    known = {one.key for one in form.fields}
    wrong = [f"{key[:40]}：没有这一项" for key in form.typed if key not in known]
    read = schema.answers(form.fields, form.typed)
    if wrong or read.errors:
        raise Invalid("；".join([*wrong, *read.errors.values()][:5]))
    return read.parameters


def _deep(parameters: Any, left: int) -> bool:
    """Whether something is nested deeper than any form of ours."""
    inner = parameters.values() if isinstance(parameters, Mapping) else ()
    return left == 0 or any(_deep(one, left - 1) for one in inner)


def _holds(stored: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """What was asked for is what was started; defaults were filled in beside it."""
    return all(
        _holds(stored.get(key) or {}, value)
        if isinstance(value, Mapping)
        else stored.get(key) == value
        for key, value in wanted.items()
    )


def _may_look(desk: Desk, row: Started, entry: Startable) -> None:
    if not desk.access.may("flows.watch", community_id=row.community_id):
        entry.permit(desk, row.community_id)


def _state(request: Request, row: Started) -> State | None:
    if row.prefect_run is None:
        return None
    with suppress(FlowsUnreachable, FlowsRefused):
        return starting.flow_server(request).states([row.prefect_run]).get(row.prefect_run)
    return None
