"""房屋: lists, and one room with who lives there."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from domain import clock
from domain.people.model import OccupancyRole
from domain.people.queries import OCCUPANCY_ROLE_NAMES, residents
from domain.rooms import listing
from domain.rooms.listing import RoomRow
from domain.rooms.model import ROOM_KIND_NAMES, Building, Room, RoomKind
from domain.rooms.queries import RoomNotFound
from gateway.web.api.answers import FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    BuildingFilter,
    CommunityFilter,
    PageNumber,
    PageSize,
    RoomFilter,
    RoomId,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.sessions import Desk

router = APIRouter(route_class=GuardedRoute, tags=["房屋"])


class RoomInList(Told):
    """列表里的一套房屋。"""

    id: int = Field(description="房屋编号", examples=[101])
    code: str = Field(description="房号", examples=["5-1-101"])
    kind: RoomKind = Field(description="类型", examples=["residential"])
    kind_name: str = Field(description="类型的中文", examples=["住宅"])
    building_name: str = Field(description="楼栋", examples=["5栋"])
    community_name: str = Field(description="小区", examples=["翠湖花园"])
    handover_on: date | None = Field(description="交付日期", examples=["2020-01-01"])
    built_area: Decimal | None = Field(description="建筑面积，㎡", examples=["100.00"])
    vacant: bool = Field(description="登记为空置")


class Resident(Told):
    """现在住在里面的人。"""

    person_id: int = Field(description="业主编号", examples=[7])
    name: str = Field(description="姓名", examples=["潘超"])
    role: OccupancyRole = Field(description="身份", examples=["owner"])
    role_name: str = Field(description="身份的中文", examples=["业主"])
    is_payer: bool = Field(description="由此人缴费")


class RoomInFull(Told):
    """一套房屋和住在里面的人。"""

    id: int = Field(description="房屋编号", examples=[101])
    code: str = Field(description="房号", examples=["5-1-101"])
    kind: RoomKind = Field(description="类型", examples=["residential"])
    kind_name: str = Field(description="类型的中文", examples=["住宅"])
    community_id: int = Field(description="小区编号", examples=[1])
    building_id: int = Field(description="楼栋编号", examples=[5])
    building_name: str = Field(description="楼栋", examples=["5栋"])
    handover_on: date | None = Field(description="交付日期", examples=["2020-01-01"])
    residents: list[Resident] | None = Field(description="现在住在里面的人；无权看业主时为空")


@router.get("/rooms", summary="房屋列表", responses=refusals(*READ))
def rooms(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    building: BuildingFilter = None,
    kind: Annotated[RoomKind | None, Query(description="只看这种房屋")] = None,
    room: RoomFilter = None,
    *,
    vacant: Annotated[bool | None, Query(description="只看空置的，或只看没有空置的")] = None,
) -> Page[RoomInList]:
    """令牌看得到的房屋，按房号。需要 rooms.see。"""
    state = None if vacant is None else "yes" if vacant else "no"
    how = wanted(
        page, size, words=room, community=community, building=building, kind=kind, vacant=state
    )
    with acting(request) as desk:
        desk.access.require_somewhere("rooms.see")
        on = clock.local_day(desk.at)
        found = listing.rooms(desk.session, desk.access, how, code=room, on=on)
        return paged(found, page, _in_list)


@router.get("/rooms/{room_id}", summary="一套房屋", responses=refusals(*FOUND))
def room(request: Request, room_id: RoomId) -> RoomInFull:
    """一套房屋；看得到业主的令牌还看得到住在里面的人。需要 rooms.see。"""
    with acting(request) as desk:
        found = desk.session.get(Room, room_id)
        if found is None:
            raise RoomNotFound("没有找到这套房屋")
        desk.may("rooms.see", community_id=found.community_id, building_id=found.building_id)
        return RoomInFull(
            id=found.id, code=found.code, kind=found.kind, kind_name=ROOM_KIND_NAMES[found.kind],
            community_id=found.community_id, building_id=found.building_id,
            building_name=desk.session.get_one(Building, found.building_id).name,
            handover_on=found.handover_on, residents=_residents(desk, found),
        )  # fmt: skip


def _residents(desk: Desk, found: Room) -> list[Resident] | None:
    there = {"community_id": found.community_id, "building_id": found.building_id}
    if not desk.access.may("people.see", **there):
        return None
    return [
        Resident(
            person_id=one.person_id, name=one.name, role=one.role,
            role_name=OCCUPANCY_ROLE_NAMES[one.role], is_payer=one.is_payer,
        )
        for one in residents(desk.session, found.id, on=clock.local_day(desk.at))
    ]  # fmt: skip


def _in_list(row: RoomRow) -> RoomInList:
    return RoomInList(
        id=row.id, code=row.code, kind=row.kind, kind_name=ROOM_KIND_NAMES[row.kind],
        building_name=row.building_name, community_name=row.community_name,
        handover_on=row.handover_on, built_area=row.built_area, vacant=row.vacant,
    )  # fmt: skip
