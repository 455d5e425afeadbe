"""出账批次: the list, one run with its figures beside last month's, deciding on it, taking it back.

The decision is committed before Prefect hears of it (`gateway/web/deciding.py`); where Prefect is
away the page says so and has a button to wake the flow later.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.bills import decisions, listing, queries, report
from domain.bills.model import BillRun, BillRunStatus, Decision
from domain.bills.reading import RunRow
from domain.company.model import Community
from domain.errors import BackOfficeError, NotFound
from domain.listing import Listed, Wanted
from gateway.web import deciding
from gateway.web.act.starting import flow_server
from gateway.web.deciding import Nudge
from gateway.web.desk import run_acts, run_supplements
from gateway.web.fields import FormKey, RunId, Typed, one_line
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import may_ask_again, reason, sure
from gateway.web.words import month, run_tag
from statemachines import bill_run as machine
from statemachines.bill_run import BILL_RUN

router = APIRouter(prefix="/desk")

UNHEARD = "decided_unheard"
DONE = {
    "approve": "已批准。后台正在出账，出完以后业主会收到账单。",
    "reject": "已驳回，草稿已作废。改好以后可以重新发起出账。",
    "reversed": "整批已红冲。已缴的钱转入了缴费人的预存款；还没有发出的账单消息已撤下。",
    "woken": "已经叫醒后台流程，它会继续出账。",
    UNHEARD: "决定已经生效。后台任务服务现在连不上，等它恢复后请点“叫醒流程”，它会接着做。",
}


def _rows(desk: Desk, wanted: Wanted) -> Listed[RunRow]:
    return listing.runs(desk.session, desk.access, wanted)


def _everything(desk: Desk, wanted: Wanted) -> Iterator[RunRow]:
    return listing.every_run(desk.session, desk.access, wanted)


def _statuses(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(status.value, name) for status, name in BILL_RUN.status_names.items()]


def _start(desk: Desk) -> Sequence[tuple[str, str]]:
    return [("/desk/flows/bill-run", "发起出账")] if "bills.run" in desk.held else []


PAGE = ListPage(
    key="runs",
    title="出账批次",
    unit="批",
    needs="bills.see",
    columns=(
        Column("月份", lambda row: (f"/desk/runs/{row.id}", month(row.period_start)), look="link",
               sort="month"),
        Column("小区", lambda row: row.community_name),
        Column("种类", lambda row: "补账" if row.supplements else "", look="soft"),
        Column("状态", lambda row: run_tag(row.status), look="tag"),
        Column("到期日", lambda row: row.due_on, look="day"),
        Column("账单", lambda row: row.bills, look="number"),
        Column("合计", lambda row: row.total_fen, look="money"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(communities("bills.see"), Filter("status", "状态", _statuses)),
    advice="每个小区每月一批；批准以后才会出账并通知业主。出账后有缺漏或红冲的，再发起一次就补账。",
    empty=("还没有出过账", "每月 1 日早上会自动算好账单等您审批；也可以点“发起出账”。"),
    actions=_start,
)  # fmt: skip
serve(router, PAGE)


@router.get("/runs/{run_id}")
def run(request: Request, run_id: RunId, done: str = "") -> Response:
    """One run: state, figures, what changed since last month, who decided."""
    with at_desk(request) as desk:
        found = visible(desk, run_id)
        facts = _facts(desk, found) | run_supplements.facts(request, desk, found)
    said = ("due" if done == UNHEARD else "good", DONE[done]) if done in DONE else None
    return page(request, "desk/run.html", desk=desk, here="runs", said=said, **facts)


@router.get("/runs/{run_id}/approve")
def ask_approve(request: Request, run_id: RunId) -> Response:
    """What approving does, in numbers."""
    with at_desk(request) as desk:
        return sure(request, desk, run_acts.approval(deciding.figures(desk, run_id)))


@router.get("/runs/{run_id}/reject")
def ask_reject(request: Request, run_id: RunId) -> Response:
    """What rejecting does, in numbers."""
    with at_desk(request) as desk:
        return sure(request, desk, run_acts.rejection(deciding.figures(desk, run_id)))


@router.post("/runs/{run_id}/approve")
def approve(
    request: Request, run_id: RunId, note: Typed = "", seen_bills: Typed = "",
    seen_total_fen: Typed = "", form_key: FormKey = "",
) -> Response:  # fmt: skip
    """Approve the figures the colleague saw."""
    seen = (_number(seen_bills), _number(seen_total_fen))
    return _decide(request, run_id, Decision.APPROVE, seen, note=note, form_key=form_key)


@router.post("/runs/{run_id}/reject")
def reject(
    request: Request, run_id: RunId, note: Typed = "", seen_bills: Typed = "",
    seen_total_fen: Typed = "", form_key: FormKey = "",
) -> Response:  # fmt: skip
    """Reject, with a reason."""
    seen = (_number(seen_bills), _number(seen_total_fen))
    return _decide(request, run_id, Decision.REJECT, seen, note=note, form_key=form_key)


@router.post("/runs/{run_id}/wake")
def wake(request: Request, run_id: RunId, form_key: FormKey = "") -> Response:
    """Nudge the flow of a decided run again: Prefect may have been away."""
    with at_desk(request, form_key=form_key) as desk:
        nudge = deciding.nudge_again(desk, run_id)
    heard = given(request, nudge)
    return RedirectResponse(f"/desk/runs/{run_id}?done={'woken' if heard else UNHEARD}", 303)


@router.get("/runs/{run_id}/reverse")
def ask_reverse(request: Request, run_id: RunId) -> Response:
    """What 整批红冲 does, in numbers."""
    with at_desk(request) as desk:
        return sure(request, desk, run_acts.reversal(desk, run_acts.reversible(desk, run_id)))


@router.post("/runs/{run_id}/reverse")
def reverse(
    request: Request, run_id: RunId, note: Typed = "", seen_bills: Typed = "",
    seen_total_fen: Typed = "", seen_paid_fen: Typed = "", form_key: FormKey = "",
) -> Response:  # fmt: skip
    """整批红冲 of the figures the colleague saw."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            found = run_acts.reversible(desk, run_id, lock=True)
            said = reason(note, "整批红冲")
            seen = (_number(seen_bills), _number(seen_total_fen))
            if found.status is BillRunStatus.ISSUED and seen != queries.totals(
                desk.session, run_id
            ):
                raise deciding.FiguresChanged("这批账单的数字刚刚变了，请看过新的数字再红冲")
            machine.reverse(
                desk.session, run_id, by=desk.access.actor, at=desk.at, note=said,
                seen_paid_fen=_number(seen_paid_fen),
            )  # fmt: skip
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            what = run_acts.reversal(desk, run_acts.reversible(desk, run_id))
            return sure(request, desk, what, note=note, refusal=refusal)
    return RedirectResponse(f"/desk/runs/{run_id}?done=reversed", 303)


def visible(desk: Desk, run_id: int) -> BillRun:
    """The run, where the colleague may see bills."""
    found = desk.session.get(BillRun, run_id)
    if found is None:
        raise NotFound("没有找到这批账单")
    desk.may("bills.see", community_id=found.community_id)
    return found


def given(request: Request, nudge: Nudge) -> bool:
    """Tell Prefect of a decision; False where it does not answer, and the decision stands."""
    return nudge.give(flow_server(request), request_id=request.scope["state"]["request_id"])


def _decide(
    request: Request,
    run_id: int,
    decision: Decision,
    seen: tuple[int, int],
    *,
    note: str,
    form_key: str,
) -> Response:
    try:
        with at_desk(request, form_key=form_key) as desk:
            nudge = deciding.take(
                desk, run_id, decision, bills=seen[0], total_fen=seen[1], note=one_line(note)
            )
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            figures = deciding.figures(desk, run_id)
            approves = decision is Decision.APPROVE
            what = run_acts.approval(figures) if approves else run_acts.rejection(figures)
            return sure(request, desk, what, note=note, refusal=refusal)
    heard = given(request, nudge)
    done = decision.value if heard or decision is Decision.REJECT else UNHEARD
    return RedirectResponse(f"/desk/runs/{run_id}?done={done}", 303)


def _facts(desk: Desk, found: BillRun) -> dict[str, Any]:
    def there(permission: str) -> bool:
        return desk.access.may(permission, community_id=found.community_id)

    decides = there("bills.approve")
    return {
        "run": found,
        "place": desk.session.get_one(Community, found.community_id).name,
        "told": report.of(desk.session, found.id),
        "word": decisions.of(desk.session, found.id),
        "summary": found.summary,
        "decides": decides and found.status is BillRunStatus.AWAITING_APPROVAL,
        "wakes": decides and found.status in deciding.UNHEARD,
        "reverses": there("bills.reverse") and found.status is BillRunStatus.ISSUED,
    }


def _number(typed: str) -> int:
    """What the form carries as seen; anything else is a number nobody saw."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else -1
