"""The bills of one run, drafts too; those without a payer or of nothing can be picked out."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.bills import listing
from domain.bills.listing import OfRun
from domain.bills.model import BillRun
from domain.company.model import Community
from domain.listing import Listed, Wanted
from gateway.web.desk.runs import visible
from gateway.web.fields import RunId
from gateway.web.listing import Column, Filter, ListPage, answer
from gateway.web.sessions import Desk, at_desk
from gateway.web.words import bill_tag, month

router = APIRouter(prefix="/desk")


@router.get("/runs/{run_id}/bills")
def bills(request: Request, run_id: RunId) -> Response:
    """The bills of a run, drafts too; those without a payer or of nothing can be picked out."""
    with at_desk(request) as desk:
        found = visible(desk, run_id)
        place = desk.session.get_one(Community, found.community_id).name
        return answer(request, desk, _bills_of(found, place))


def _bills_of(found: BillRun, place: str) -> ListPage:
    picks = [(pick.value, name) for pick, name in listing.PICKS.items()]

    def rows(desk: Desk, wanted: Wanted) -> Listed[Any]:
        picked = wanted.filter("pick")
        return listing.of_run(
            desk.session, found.id, wanted, pick=OfRun(picked) if picked else None
        )

    return ListPage(
        key=f"runs/{found.id}/bills",
        title=f"{place} {month(found.period_start)}的账单",
        unit="张账单",
        needs="bills.see",
        columns=(
            Column("房屋", lambda row: (f"/desk/bills/{row.no}", row.room_code), look="link"),
            Column("缴费人", lambda row: row.payer_name or "没有登记"),
            Column("状态", lambda row: bill_tag(row, found.period_start), look="tag"),
            Column("账单号", lambda row: row.no, look="code"),
            Column("金额", lambda row: row.total_fen, look="money"),
        ),
        rows=rows,
        filters=(Filter("pick", "只看", lambda _desk: picks),),
        empty=("这批还没有算出账单", "后台正在计算；稍后刷新看看。"),
        actions=lambda _desk: [(f"/desk/runs/{found.id}", "回到这批")],
    )
