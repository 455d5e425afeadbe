"""Approving or rejecting a bill run from the link in the approver's letter."""

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills.decisions import AlreadyDecided
from domain.bills.model import Decision
from domain.errors import BackOfficeError, Conflict, Invalid, NotFound
from gateway.action_links import DecideAction, read_action_token
from gateway.web import deciding
from gateway.web.act.starting import flow_server
from gateway.web.errors import face
from gateway.web.fields import BIGGEST_ID, FormKey, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk, settings_of

router = APIRouter(prefix="/act")

Word = Annotated[Decision, Form()]
Count = Annotated[int, Form(ge=0, le=BIGGEST_ID)]
DONE = {
    "approve": "已记下批准。账单正在出，出完后通知业主。",
    "reject": "已记下驳回，草稿作废。改好数据后可以重新出账。",
    "again": "已经再叫了一次，账单接着出。",
    "late": "您的决定已经记下，但后台任务服务现在连不上，账单还没有接着办。过一会儿请点“接着办”。",
}


def show(
    request: Request,
    token: str,
    action: DecideAction,
    refusal: BackOfficeError | None = None,
    *,
    done: str = "",
) -> Response:
    """The figures, and what may be done with them now."""
    with at_desk(request) as desk:
        return _figures(request, desk, token, action, refusal, done)


@router.post("/{token}/weigh")
def weigh(request: Request, token: str, decision: Word, form_key: FormKey = "") -> Response:
    """What the word would bring about, in numbers; nothing is decided yet."""
    action = _action(request, token)
    with at_desk(request, form_key=form_key) as desk:
        return _weigh(request, desk, token, action, decision)


@router.post("/{token}/decide")
def decide(
    request: Request,
    token: str,
    decision: Word,
    bills: Count,
    total_fen: Count,
    note: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Take the word, then let the waiting flow go on."""
    action, said = _action(request, token), one_line(note)
    try:
        with at_desk(request, form_key=form_key) as desk:
            nudge = deciding.take(
                desk, action.run_id, decision, bills=bills, total_fen=total_fen, note=said
            )
    except Invalid as refusal:
        with at_desk(request, form_key=form_key) as desk:
            return _weigh(request, desk, token, action, decision, said, refusal)
    except (AlreadyDecided, Conflict) as refusal:
        with at_desk(request, form_key=form_key) as desk:
            return _figures(request, desk, token, action, refusal)
    return _go_on(request, token, nudge, decision.value)


@router.post("/{token}/carry-on")
def carry_on(request: Request, token: str, form_key: FormKey = "") -> Response:
    """Call the flow once more: Prefect was away when the word was given."""
    action = _action(request, token)
    with at_desk(request, form_key=form_key) as desk:
        nudge = deciding.nudge_again(desk, action.run_id)
    return _go_on(request, token, nudge, "again")


def _go_on(request: Request, token: str, nudge: deciding.Nudge, done: str) -> Response:
    if not nudge.give(flow_server(request), request_id=request.state.request_id):
        done = "late"
    return RedirectResponse(f"/act/{token}?done={done}", 303)


def _action(request: Request, token: str) -> DecideAction:
    action = read_action_token(settings_of(request), token, at=clock.now())
    if not isinstance(action, DecideAction):
        raise NotFound("没有这个页面")
    return action


def _figures(
    request: Request,
    desk: Desk,
    token: str,
    action: DecideAction,
    refusal: BackOfficeError | None = None,
    done: str = "",
) -> Response:
    return page(
        request, "act/decide.html", status=face(refusal).status if refusal else 200, desk=desk,
        token=token, run=deciding.figures(desk, action.run_id), done=DONE.get(done, ""),
        refusal=refusal.message if refusal else "", unheard=deciding.UNHEARD,
    )  # fmt: skip


def _weigh(
    request: Request,
    desk: Desk,
    token: str,
    action: DecideAction,
    decision: Decision,
    note: str = "",
    refusal: BackOfficeError | None = None,
) -> Response:
    run = deciding.figures(desk, action.run_id)
    if not run.waits:
        return _figures(request, desk, token, action)
    return page(
        request, "act/weigh.html", status=face(refusal).status if refusal else 200, desk=desk,
        token=token, run=run, decision=decision, note=note,
        refusal=refusal.message if refusal else "",
    )  # fmt: skip
