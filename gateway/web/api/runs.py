"""出账批次: lists, figures, a person's decision on the drafts, and 整批红冲."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from domain.bills import decisions, listing, queries, report
from domain.bills.model import BillRun, BillRunStatus, Decision
from domain.bills.reading import RunRow
from gateway.web import deciding
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    WHOLE,
    CommunityFilter,
    Fen,
    Note,
    PageNumber,
    PageSize,
    Reason,
    RunId,
    Sent,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.desk.run_acts import reversible
from gateway.web.desk.runs import given, visible
from gateway.web.sessions import Desk
from statemachines import bill_run as machine
from statemachines.bill_run import BILL_RUN

router = APIRouter(route_class=GuardedRoute, tags=["出账"])

Count = Annotated[int, Field(ge=0, le=10**9, description="您看到的账单数", examples=[1_800]), WHOLE]


class RunInList(Told):
    """列表里的一批出账。"""

    id: int = Field(description="批次编号", examples=[12])
    community_name: str = Field(description="小区", examples=["翠湖花园"])
    period_start: date = Field(description="账期第一天", examples=["2026-11-01"])
    period_end: date = Field(description="账期结束日，不含", examples=["2026-12-01"])
    status: BillRunStatus = Field(description="状态", examples=["awaiting_approval"])
    status_name: str = Field(description="状态的中文", examples=["待审批"])
    bills: int = Field(description="几张账单", examples=[1_800])
    total_fen: int = Field(description="合计，分", examples=[21_600_000])
    due_on: date | None = Field(description="到期日；出账后才有", examples=["2026-12-16"])
    supplements: int | None = Field(description="补账时：补的是哪一批；否则为空", examples=[11])


class Word(Told):
    """谁怎么决定的。"""

    decision: Decision = Field(description="批准或驳回", examples=["approve"])
    actor_name: str = Field(description="谁", examples=["周经理"])
    at: datetime = Field(description="时刻", examples=["2026-11-01T02:00:00Z"])
    note: str | None = Field(description="备注或原因")


class RunInFull(Told):
    """一批出账现在的数字。"""

    id: int = Field(description="批次编号", examples=[12])
    community: str = Field(description="小区", examples=["翠湖花园"])
    month: str = Field(description="账期", examples=["2026-11"])
    status: BillRunStatus = Field(description="状态", examples=["awaiting_approval"])
    status_name: str = Field(description="状态的中文", examples=["待审批"])
    bills: int = Field(description="几张账单；已作废、已红冲的不算", examples=[1_800])
    lines: int = Field(description="几行明细", examples=[5_400])
    total_fen: int = Field(description="合计，分", examples=[21_600_000])
    letters: int = Field(description="给业主的消息", examples=[1_700])
    anomalies: int = Field(description="需要看一眼的地方", examples=[3])
    supplements: int | None = Field(description="补账时：补的是哪一批；否则为空", examples=[11])
    summary: dict[str, Any] = Field(description="与上期相比的变动分析")
    decision: Word | None = Field(description="决定；还没有决定时为空")


class Decided(RunInFull):
    """决定之后的批次。"""

    flow_told: bool = Field(
        description="后台流程已经接到；为 false 时决定同样有效，请稍后再发一次同样的请求"
    )


class Approval(Sent):
    """批准一批草稿账单，连同您看到的数字。"""

    decision: Literal["approve"] = Field(description="批准")
    bills: Count
    total_fen: Fen = Field(description="您看到的合计，分；与现在不同就不算数")
    note: Note = None


class Rejection(Sent):
    """驳回一批草稿账单，连同您看到的数字和原因。"""

    decision: Literal["reject"] = Field(description="驳回")
    bills: Count
    total_fen: Fen = Field(description="您看到的合计，分；与现在不同就不算数")
    note: Reason


Deciding = Annotated[Approval | Rejection, Field(discriminator="decision")]


class RunReversal(Sent):
    """整批红冲，连同您看到的数字。"""

    note: Reason
    bills: Count
    total_fen: Fen = Field(description="您看到的合计，分；与现在不同就不红冲")
    paid_fen: Fen | None = Field(None, description="您看到的已缴金额，分；给出时与现在不同就不红冲")


@router.get("/bill-runs", summary="出账批次列表", responses=refusals(*READ))
def runs(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    status: Annotated[BillRunStatus | None, Query(description="只看这个状态")] = None,
) -> Page[RunInList]:
    """令牌看得到的批次，新的月份在前。需要 bills.see。"""
    how = wanted(page, size, community=community, status=status)
    with acting(request) as desk:
        desk.access.require_somewhere("bills.see")
        return paged(listing.runs(desk.session, desk.access, how), page, _in_list)


@router.get("/bill-runs/{run_id}", summary="一批出账", responses=refusals(*FOUND))
def run(request: Request, run_id: RunId) -> RunInFull:
    """现在的数字、与上期的比较、谁决定的。需要 bills.see。"""
    with acting(request) as desk:
        return RunInFull(**_whole(desk, visible(desk, run_id)))


@router.post("/bill-runs/{run_id}/decision", summary="批准或驳回", responses=refusals(*ACT))
def decide(request: Request, run_id: RunId, sent: Deciding) -> Decided:
    """批准后马上出账并通知业主。再发一次同样的决定不会有变化。需要 bills.see 和 bills.approve。"""
    with acting(request) as desk:
        nudge = deciding.take(
            desk, run_id, Decision(sent.decision), bills=sent.bills, total_fen=sent.total_fen,
            note=sent.note or "",
        )  # fmt: skip
        told = _whole(desk, visible(desk, run_id))
    return Decided(**told, flow_told=given(request, nudge))


@router.post("/bill-runs/{run_id}/reversal", summary="整批红冲", responses=refusals(*ACT))
def reverse(request: Request, run_id: RunId, sent: RunReversal) -> RunInFull:
    """不能撤回；已缴的钱转入各缴费人的预存款。需要 bills.reverse。"""
    with acting(request) as desk:
        found = reversible(desk, run_id, lock=True)
        now = queries.totals(desk.session, run_id)
        if found.status is BillRunStatus.ISSUED and (sent.bills, sent.total_fen) != now:
            raise deciding.FiguresChanged(
                "这批账单的数字刚刚变了，请看过新的数字再红冲", bills=now[0], total_fen=now[1]
            )
        machine.reverse(
            desk.session, run_id, by=desk.access.actor, at=desk.at, note=sent.note,
            seen_paid_fen=sent.paid_fen,
        )  # fmt: skip
        return RunInFull(**_whole(desk, found))


def _in_list(row: RunRow) -> RunInList:
    return RunInList(
        id=row.id, community_name=row.community_name, period_start=row.period_start,
        period_end=row.period_end, status=row.status,
        status_name=BILL_RUN.status_names[row.status], bills=row.bills, total_fen=row.total_fen,
        due_on=row.due_on, supplements=row.supplements,
    )  # fmt: skip


def _whole(desk: Desk, found: BillRun) -> dict[str, Any]:
    told = report.of(desk.session, found.id)
    word = decisions.of(desk.session, found.id)
    return {
        **told.as_json(), "id": found.id, "summary": told.summary,
        "status_name": BILL_RUN.status_names[found.status],
        "decision": Word.model_validate(word) if word else None,
    }  # fmt: skip
