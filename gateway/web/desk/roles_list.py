"""The list of roles: few enough to be looked through whole."""

from collections.abc import Sequence

from fastapi import APIRouter

from domain.access import roles
from domain.access.roles import RoleRow
from domain.listing import Listed, Wanted
from gateway.web.listing import Column, Filter, ListPage, serve
from gateway.web.sessions import Desk

SORTS = {
    "name": lambda row: row.name,
    "permissions": lambda row: row.permissions,
    "holders": lambda row: row.holders,
}
HELD = {"yes": "有人担任", "no": "没有人担任"}
router = APIRouter(prefix="/desk")


def _found(desk: Desk, wanted: Wanted) -> Sequence[RoleRow]:
    rows = [row for row in roles.rows(desk.session) if wanted.words in row.name]
    if held := wanted.filter("held"):
        rows = [row for row in rows if bool(row.holders) is (held == "yes")]
    if sort := SORTS.get(wanted.sort.removeprefix("-")):
        rows.sort(key=sort, reverse=wanted.sort.startswith("-"))
    return rows


def _rows(desk: Desk, wanted: Wanted) -> Listed[RoleRow]:
    rows = _found(desk, wanted)
    pages = max(1, -(-len(rows) // wanted.size))
    number = min(max(wanted.page, 1), pages)
    shown = rows[(number - 1) * wanted.size : number * wanted.size]
    return Listed(shown, len(rows), many=False, page=number, size=wanted.size)


PAGE = ListPage(
    key="roles",
    title="岗位和权限",
    unit="个岗位",
    needs="roles.edit",
    columns=(
        Column("岗位", lambda row: (f"/desk/roles/{row.id}", row.name), look="link", sort="name"),
        Column("权限（项）", lambda row: row.permissions, look="number", sort="permissions"),
        Column("担任（位同事）", lambda row: row.holders, look="number", sort="holders"),
        Column("谁担任", lambda row: (f"/desk/staff?role={row.id}", "看同事"), look="link"),
    ),
    rows=_rows,
    everything=_found,
    filters=(Filter("held", "担任", lambda _desk: list(HELD.items())),),
    search="岗位名称",
    advice="岗位决定能做什么；在哪里有效，在“员工”里给岗位时选。",
    empty=("还没有岗位", "点“新建岗位”，勾选要给的权限。"),
    actions=lambda _desk: [("/desk/roles/new", "新建岗位")],
    done={
        "created": "岗位已建立。到“员工”里给同事这个岗位。",
        "edited": "岗位已修改，下一次点击就生效。",
        "removed": "岗位已删除。",
    },
)  # fmt: skip
serve(router, PAGE)
