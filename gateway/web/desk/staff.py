"""员工: the list of colleagues who work where the reader may see them."""

from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain.listing import Listed, Wanted
from domain.staff import giving, listing
from domain.staff.listing import GONE, StaffRow
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.sessions import Desk

router = APIRouter(prefix="/desk")


def _rows(desk: Desk, wanted: Wanted) -> Listed[StaffRow]:
    return listing.colleagues(desk.session, desk.access, wanted)


def _everybody(desk: Desk, wanted: Wanted) -> Iterable[StaffRow]:
    return listing.everybody(desk.session, desk.access, wanted)


def _roles(desk: Desk) -> Sequence[tuple[str, str]]:
    return [(str(role.id), role.name) for role in giving.roles(desk.session)]


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    shown = [("/desk/staff/new", "添加员工")] if "staff.edit" in desk.held else []
    if desk.access.may("roles.edit"):
        shown.append(("/desk/staff/wecom", "企业微信对应"))
    return shown


def state(active: bool) -> tuple[str, str]:  # noqa: FBT001 - a column's value
    """(tone, words) of an account."""
    return ("good", "在职") if active else ("quiet", "已停用")


PAGE = ListPage(
    key="staff",
    title="员工",
    unit="位同事",
    needs="staff.see",
    columns=(
        Column("姓名", lambda row: (f"/desk/staff/{row.id}", row.name), look="link", sort="name"),
        Column("账号", lambda row: row.login, look="code", sort="login"),
        Column("职务", lambda row: row.position),
        Column("岗位", lambda row: row.roles),
        Column("企业微信", lambda row: row.wecom_userid, look="code"),
        Column("最近使用", lambda row: row.seen_at, look="moment"),
        Column("状态", lambda row: state(row.active), look="tag", sort="state"),
    ),
    rows=_rows,
    everything=_everybody,
    filters=(
        communities("staff.see"),
        Filter("role", "岗位", _roles),
        Filter("state", "状态", lambda _desk: [("here", "在职"), (GONE, "已停用")]),
    ),
    search="姓名、账号、职务或企业微信账号",
    advice="谁能登录、在哪里能做什么。离职的请停用，登录会立刻失效。",
    empty=("还没有员工", "点“添加员工”，或等企业微信同步。"),
    actions=_actions,
)

serve(router, PAGE)
