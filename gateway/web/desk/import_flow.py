"""An import batch and the flow that works on it: started once per turn, followed by our own row.

The batch is committed before Prefect hears of it, and Prefect hears only its number. How it went is
read from the batch; Prefect is asked only while nothing has come of it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from fastapi import Request

from domain.access import starts
from domain.access.starts import Started
from domain.history import audit
from domain.imports import batches
from domain.imports.listing import BatchRow
from domain.imports.model import ImportStatus
from gateway.flow_server import DeploymentMissing, FlowsRefused, FlowsUnreachable, State
from gateway.web.act.starting import flow_server, hand_over
from gateway.web.sessions import Desk

DEPLOYMENT = "owner-import/on-demand"
SLOW_SECONDS = 30
AWAY = (FlowsUnreachable, FlowsRefused, DeploymentMissing)
Action = Literal["check", "apply", "undo"]
DOING: dict[Action, str] = {"check": "检查", "apply": "导入", "undo": "撤销"}


@dataclass(frozen=True)
class Progress:
    """What is being done to a batch. `turn`: how often it was tried; `said`: what is in the way."""

    action: Action
    turn: int
    start: Started
    said: str = ""
    over: bool = False

    @property
    def doing(self) -> str:
        """In words."""
        return DOING[self.action]


def begin(desk: Desk, batch: BatchRow, action: Action, turn: int, *, request_id: str) -> Started:
    """Note that the flow is to do this; the same turn again is the same start."""
    row, made = starts.note(
        desk.session, key=_key(batch.id, action, turn), staff_id=desk.staff.id,
        deployment=DEPLOYMENT, request_id=request_id, community_id=batch.community_id, at=desk.at,
        parameters={"form": _form(desk, batch, action)},
    )  # fmt: skip
    if made:
        batches.note_refusal(desk.session, batch.id, None)
        audit.record(
            desk.session, "flow.start", subject="flow_start", subject_id=row.id,
            by=desk.access.actor, at=desk.at, deployment=row.deployment,
        )  # fmt: skip
    return row


def _form(desk: Desk, batch: BatchRow, action: Action) -> dict[str, Any]:
    """Who asks, and by which token where it is a program."""
    form = {"batch": batch.id, "action": action, "by": desk.staff.login}
    token = desk.access.token_id
    return form if token is None else {**form, "token": token}


def try_to_hand_over(request: Request, row: Started) -> bool:
    """Give the start to Prefect; while Prefect is away the row waits, and the page says so."""
    try:
        hand_over(request, row)
    except AWAY:
        return False
    return True


def under_way(desk: Desk, batch: BatchRow) -> Progress | None:
    """What was asked of the batch and has not come to anything yet."""
    action = _expected(batch)
    if action is None or batch.refusal:
        return None
    turn = last_turn(desk, batch.id, action)
    start = starts.by_key(desk.session, _key(batch.id, action, turn)) if turn else None
    return Progress(action, turn, start) if start else None


def last_turn(desk: Desk, batch_id: int, action: Action) -> int:
    """How often this was started; 0 where it never was."""
    turn = 0
    while starts.by_key(desk.session, _key(batch_id, action, turn + 1)):
        turn += 1
    return turn


def looked_at(request: Request, desk: Desk, now: Progress) -> Progress:
    """The progress with what Prefect says of it; asked outside the transaction."""
    waited = (desk.at - now.start.at).total_seconds()
    if now.start.prefect_run is None:
        if try_to_hand_over(request, now.start):
            return now
        return _with(
            now,
            "还没有交给后台：后台任务服务没有回应。文件已经收好，不用重新上传，本页会自动再试。",
        )
    try:
        state = flow_server(request).states([now.start.prefect_run]).get(now.start.prefect_run)
    except AWAY:
        return _with(now, "后台任务服务现在没有回应，暂时看不到进度。文件已经收好，不用重新上传。")
    if state is None or state.is_final():
        return _with(now, f"{now.doing}中断了，没有做完，也没有留下一半。请再试一次。", over=True)
    if _unclaimed(state) and waited > SLOW_SECONDS:
        return _with(now, "后台还没有人接手，可能没有启动或者正忙。请让管理员看看后台任务；"
                     "不用重新上传，接手以后会自动开始。")  # fmt: skip
    return now


def may_open_copy(desk: Desk, batch: BatchRow) -> bool:
    """Whether this colleague brought the batch: its copy holds what they uploaded."""
    first = starts.by_key(desk.session, _key(batch.id, "check", 1))
    return first is not None and first.staff_id == desk.staff.id


def _expected(batch: BatchRow) -> Action | None:
    if batch.status is ImportStatus.CHECKED:
        return "apply" if batch.checked else "check"
    return "undo" if batch.status is ImportStatus.APPLIED else None


def _unclaimed(state: State) -> bool:
    return state.type in ("SCHEDULED", "PENDING")


def _with(now: Progress, said: str, *, over: bool = False) -> Progress:
    return Progress(now.action, now.turn, now.start, said, over)


def _key(batch_id: int, action: Action, turn: int) -> str:
    return f"import {batch_id} {action} {turn}"
