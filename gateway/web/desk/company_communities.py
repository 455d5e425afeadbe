"""小区 under 企业设置: every community a colleague sets up, found by words and taken out as a table."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain.company import listing
from domain.company.listing import CommunityRow
from domain.listing import Listed, Wanted
from gateway.web.listing import Column, Filter, ListPage, serve
from gateway.web.sessions import Desk

router = APIRouter(prefix="/desk")


def _rows(desk: Desk, wanted: Wanted) -> Listed[CommunityRow]:
    return listing.communities(desk.session, desk.access, wanted)


def _everything(desk: Desk, wanted: Wanted) -> Iterable[CommunityRow]:
    return listing.everything(desk.session, desk.access, wanted)


def _rooms(row: CommunityRow) -> tuple[str, str]:
    return f"/desk/rooms?community={row.id}", f"{row.rooms:,} 套"


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    new = [("/desk/rooms/places", "新开小区")] if desk.access.may("rooms.edit") else []
    return [*new, ("/desk/company", "企业设置")]


PAGE = ListPage(
    key="company/communities",
    title="小区",
    unit="个小区",
    needs="company.edit",
    columns=(
        Column(
            "小区", lambda row: (f"/desk/company/communities/{row.id}", row.name), look="link",
            sort="name",
        ),
        Column("服务电话", lambda row: row.phone, look="code"),
        Column("服务中心地址", lambda row: row.address, look="soft"),
        Column("消息署名", lambda row: row.sender_name),
        Column("出账后几天到期", lambda row: row.bill_due_days, look="number", sort="due"),
        Column("自动通过不超过", lambda row: row.auto_approve_total_fen, look="money"),
        Column("楼栋", lambda row: row.buildings, look="number"),
        Column("房屋", _rooms, look="link", sort="rooms", needs="rooms.see"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        Filter(
            "approval", "审批", lambda _desk: [("people", "一律人工审批"), ("limits", "限额内自动通过")]
        ),
    ),
    search="小区名称、电话、地址或署名",
    advice="点小区改它的署名、电话和出账规则。",
    empty=("还没有小区", "先新开一个小区，再导入业主和房屋。"),
    actions=_actions,
    done={"edited": "小区设置已保存，从下一次出账和下一条消息开始用。"},
)  # fmt: skip

serve(router, PAGE)
