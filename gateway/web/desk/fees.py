"""收费标准: every fee item a colleague may see, with today's prices."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain import clock
from domain.fees import listing
from domain.fees.listing import FeeRow
from domain.fees.words import BASIS_NAMES, CYCLE_NAMES
from domain.listing import Listed, Wanted
from domain.rooms.model import ROOM_KIND_NAMES
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.numbers import plain
from gateway.web.sessions import Desk

router = APIRouter(prefix="/desk")


def _rows(desk: Desk, wanted: Wanted) -> Listed[FeeRow]:
    return listing.items(desk.session, desk.access, wanted, on=clock.local_day(desk.at))


def _everything(desk: Desk, wanted: Wanted) -> Iterable[FeeRow]:
    return listing.everything(desk.session, desk.access, wanted, on=clock.local_day(desk.at))


def prices(row: FeeRow) -> str:
    """`住宅 2.8、商铺 5.2`: today's prices in a line."""
    said = [
        f"{ROOM_KIND_NAMES[one.kind] + ' ' if one.kind else ''}{plain(one.unit_price)}"
        + (f" 起（{one.tiers + 1} 档）" if one.tiers else "")
        for one in row.prices
    ]
    return "、".join(said)


def _state(row: FeeRow) -> tuple[str, str]:
    if not row.active:
        return "quiet", "停用"
    if row.prices or row.basis.value in ("shared", "one_off"):
        return "good", "在用"
    return "due", "还没有单价"


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    return [("/desk/fees/new", "新增费用")] if "fees.edit" in desk.held else []


PAGE = ListPage(
    key="fees",
    title="收费标准",
    unit="项费用",
    needs="fees.see",
    columns=(
        Column("费用", lambda row: (f"/desk/fees/{row.id}", row.name), look="link", sort="name"),
        Column("计费方式", lambda row: BASIS_NAMES[row.basis], sort="basis"),
        Column("现在的单价（元）", prices),
        Column("周期", lambda row: CYCLE_NAMES[row.cycle_months]),
        Column("小区", lambda row: row.community_name, look="soft", sort="community"),
        Column("状态", _state, look="tag"),
        Column("单独登记", lambda row: row.charged or None, look="number"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        communities("fees.see"),
        Filter(
            "basis", "计费方式", lambda _desk: [(b.value, name) for b, name in BASIS_NAMES.items()]
        ),
    ),
    search="费用名称或代号",
    advice="点费用看历次单价；改价前可以先看会影响哪些房屋、差多少钱。",
    empty=("还没有费用", "先新增物业费等费用，再设定单价，就能出账了。"),
    actions=_actions,
)

serve(router, PAGE)
