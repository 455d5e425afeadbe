"""小区和房屋: every room a colleague may see, found by code, building or kind."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain import clock
from domain.listing import Listed, Wanted
from domain.rooms import listing
from domain.rooms.listing import RoomRow
from domain.rooms.model import ROOM_KIND_NAMES
from gateway.web.desk.beginning import owners_import
from gateway.web.desk.sought import sought
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.sessions import Desk

router = APIRouter(prefix="/desk")


def _rows(desk: Desk, wanted: Wanted) -> Listed[RoomRow]:
    code, on = sought(wanted.words).code, clock.local_day(desk.at)
    return listing.rooms(desk.session, desk.access, wanted, code=code, on=on)


def _everything(desk: Desk, wanted: Wanted) -> Iterable[RoomRow]:
    code, on = sought(wanted.words).code, clock.local_day(desk.at)
    return listing.everything(desk.session, desk.access, wanted, code=code, on=on)


def _buildings(desk: Desk) -> Sequence[tuple[str, str]]:
    found = listing.buildings(desk.session, desk.access)
    several = len({community for _, community, _ in found}) > 1
    return [(str(key), f"{place} {name}" if several else name) for key, place, name in found]


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    new = [("/desk/rooms/new", "新增房屋")] if "rooms.edit" in desk.held else []
    return [*new, ("/desk/rooms/places", "小区和楼栋")]


PAGE = ListPage(
    key="rooms",
    title="小区和房屋",
    unit="套房屋",
    needs="rooms.see",
    columns=(
        Column("房号", lambda row: (f"/desk/rooms/{row.id}", row.code), look="link", sort="code"),
        Column("类型", lambda row: ROOM_KIND_NAMES[row.kind], sort="kind"),
        Column("楼栋", lambda row: row.building_name),
        Column("小区", lambda row: row.community_name, look="soft"),
        Column("交付日期", lambda row: row.handover_on, look="day", sort="handover"),
        Column("空置", lambda row: ("quiet", "空置") if row.vacant else None, look="tag"),
        Column("建筑面积（㎡）", lambda row: row.built_area, look="number"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        communities("rooms.see"),
        Filter("building", "楼栋", _buildings),
        Filter(
            "kind", "类型", lambda _desk: [(k.value, name) for k, name in ROOM_KIND_NAMES.items()]
        ),
        Filter("vacant", "空置", lambda _desk: [("yes", "空置"), ("no", "有人住")]),
    ),
    search="房号，如 5-1-101 或 101",
    advice="点房号看面积、住户、收费、表具和账单。",
    empty=("还没有房屋", "可以从“导入”一次导入整个小区，也可以点“新增房屋”。"),
    actions=_actions,
    begin=owners_import,
)

serve(router, PAGE)
