"""业主: everybody who lives in, owns or pays for a room, found by room, name or phone."""

import re
from collections.abc import Iterable, Sequence

from fastapi import APIRouter

from domain import clock
from domain.listing import Listed, Wanted
from domain.people import listing
from domain.people.dressing import PersonRow
from domain.people.listing import HOMELESS, Sought
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from gateway.excel import identity
from gateway.excel.errors import BadCell
from gateway.excel.rooms import room_from_code
from gateway.web.desk.beginning import owners_import
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.sessions import Desk
from gateway.web.vault import vault_of

router = APIRouter(prefix="/desk")

TAIL = re.compile(r"[0-9]{4}")
NUMBER = re.compile(r"[0-9+()\-\s]{7,20}")


def sought(desk: Desk, words: str) -> Sought:
    """What the words of a search may mean."""
    if not words:
        return Sought()
    return Sought(
        words=words,
        code=_room_code(words),
        blinds=_blinds(desk, words),
        tail=words if TAIL.fullmatch(words) else None,
    )


def _room_code(words: str) -> str | None:
    try:
        return room_from_code(words).code
    except BadCell:
        return None


def _blinds(desk: Desk, words: str) -> Sequence[bytes]:
    """The blind index of the words where they are a whole phone."""
    if not NUMBER.fullmatch(words) or desk.config.data_keys is None:
        return ()
    try:
        numbers = identity.phones(words)
    except BadCell:
        return ()
    vault = vault_of(desk.config)
    return [blind for number in numbers for blind in vault.blinds(number)]


def _rows(desk: Desk, wanted: Wanted) -> Listed[PersonRow]:
    asked = sought(desk, wanted.words)
    return listing.people(desk.session, desk.access, wanted, asked, on=clock.local_day(desk.at))


def _everybody(desk: Desk, wanted: Wanted) -> Iterable[PersonRow]:
    asked = sought(desk, wanted.words)
    return listing.everybody(desk.session, desk.access, wanted, asked, on=clock.local_day(desk.at))


def _actions(desk: Desk) -> Sequence[tuple[str, str]]:
    return [("/desk/people/new", "登记新业主")] if "people.edit" in desk.held else []


def _roles(_desk: Desk) -> Sequence[tuple[str, str]]:
    named = [(role.value, name) for role, name in OCCUPANCY_ROLE_NAMES.items()]
    return [*named, (HOMELESS, "现在没有房屋")]


PAGE = ListPage(
    key="people",
    title="业主",
    unit="人",
    needs="people.see",
    columns=(
        Column("姓名", lambda row: (f"/desk/people/{row.id}", row.name), look="link", sort="name"),
        Column("房屋", lambda row: row.rooms, look="code"),
        Column("身份", lambda row: row.roles),
        Column("电话", lambda row: row.phone_masked, look="code"),
        Column(
            "企业微信",
            lambda row: ("good", "已绑定") if row.bound else ("quiet", "未绑定"),
            look="tag",
        ),
        Column("小区", lambda row: row.community_name, look="soft"),
        Column("待缴", lambda row: row.owed_fen, look="money", needs="bills.see"),
    ),
    rows=_rows,
    everything=_everybody,
    filters=(
        communities("people.see"),
        Filter("role", "身份", _roles),
        Filter("wecom", "企业微信", lambda _desk: [("bound", "已绑定"), ("free", "未绑定")]),
    ),
    search="房号、姓名、电话或电话后四位",
    advice="点姓名看这个人的房屋、家庭、账单、缴费和消息。",
    empty=("还没有登记业主", "可以从“导入”一次导入整个小区，也可以点“登记新业主”。"),
    actions=_actions,
    begin=owners_import,
)

serve(router, PAGE)
