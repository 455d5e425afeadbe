"""抄表: every meter a colleague may see, with its last reading and whether this month's is there."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain import clock
from domain.listing import Listed, Wanted
from domain.meters import listing
from domain.meters.listing import MeterRow
from domain.meters.model import METER_KIND_NAMES, ReadingKind
from domain.rooms import listing as rooms
from gateway.web.desk.sought import sought
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.sessions import Desk

router = APIRouter(prefix="/desk")

READING_NAMES = {
    ReadingKind.ACTUAL: "实抄",
    ReadingKind.ESTIMATED: "估抄",
    ReadingKind.OPENING: "起始读数",
    ReadingKind.CLOSING: "拆表读数",
}


def _rows(desk: Desk, wanted: Wanted) -> Listed[MeterRow]:
    code, on = sought(wanted.words).code, clock.local_day(desk.at)
    return listing.meters(desk.session, desk.access, wanted, code=code, on=on)


def _everything(desk: Desk, wanted: Wanted) -> Iterable[MeterRow]:
    code, on = sought(wanted.words).code, clock.local_day(desk.at)
    return listing.everything(desk.session, desk.access, wanted, code=code, on=on)


def _state(row: MeterRow) -> tuple[str, str]:
    if row.to_on is not None:
        return "quiet", "已拆"
    return ("good", "本月已抄") if row.read else ("due", "本月未抄")


def _buildings(desk: Desk) -> Sequence[tuple[str, str]]:
    found = rooms.buildings(desk.session, desk.access, "meters.see")
    several = len({community for _, community, _ in found}) > 1
    return [(str(key), f"{place} {name}" if several else name) for key, place, name in found]


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    return [("/desk/meters/round", "逐栋录入")] if "meters.edit" in desk.held else []


PAGE = ListPage(
    key="meters",
    title="抄表",
    unit="块表",
    needs="meters.see",
    columns=(
        Column(
            "表号", lambda row: (f"/desk/meters/{row.id}", row.serial), look="link", sort="serial"
        ),
        Column("表具", lambda row: METER_KIND_NAMES[row.kind]),
        Column("房屋", lambda row: row.room_code, look="code", sort="room"),
        Column("楼栋", lambda row: row.building_name),
        Column("小区", lambda row: row.community_name, look="soft"),
        Column("本月", _state, look="tag"),
        Column("上次抄表", lambda row: row.read_on, look="day"),
        Column("读数", lambda row: row.value and row.value.normalize() + 0, look="number"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        communities("meters.see"),
        Filter("building", "楼栋", _buildings),
        Filter(
            "kind", "表具", lambda _desk: [(k.value, name) for k, name in METER_KIND_NAMES.items()]
        ),
        Filter(
            "read",
            "本月",
            lambda _desk: [("missing", "本月未抄"), ("read", "本月已抄"), ("gone", "已拆的表")],
        ),
    ),
    search="房号或表号",
    advice="“本月”指本月 1 日以后有读数；出账要用月初的读数。",
    empty=("还没有表具", "从“导入”导入一次读数，会把表具一起登记；也可以打开一套房屋装表。"),
    actions=_actions,
)

serve(router, PAGE)
