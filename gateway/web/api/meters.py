"""抄表: meters with what they last said, and entering a reading."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from domain import clock
from domain.meters import listing, reading
from domain.meters.listing import MeterRow
from domain.meters.model import METER_KIND_NAMES, MeterKind, ReadingKind
from domain.meters.reading import ReadingFacts
from gateway.web.api.answers import ACT, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    BuildingFilter,
    CommunityFilter,
    Day,
    Id,
    PageNumber,
    PageSize,
    RoomFilter,
    Sent,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting

router = APIRouter(route_class=GuardedRoute, tags=["抄表"])

MeterId = Annotated[Id, Path(description="表的编号", examples=[21])]
Dial = Annotated[
    str,
    Field(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$", max_length=17,
        description="表上的数，写成文字以免失真", examples=["1234.5"],
    ),
]  # fmt: skip


class MeterInList(Told):
    """一块表，和它最近的读数。"""

    id: int = Field(description="表的编号", examples=[21])
    serial: str = Field(description="表号", examples=["W-000123"])
    kind: MeterKind = Field(description="类型", examples=["water"])
    kind_name: str = Field(description="类型的中文", examples=["水表"])
    to_on: date | None = Field(description="拆除日期；还在用时为空")
    room_id: int = Field(description="房屋编号", examples=[101])
    room_code: str = Field(description="房号", examples=["5-1-101"])
    building_name: str = Field(description="楼栋", examples=["5栋"])
    community_name: str = Field(description="小区", examples=["翠湖花园"])
    read: bool = Field(description="本月是否已经抄过")
    read_on: date | None = Field(description="最近一次抄表日期", examples=["2026-11-01"])
    value: Decimal | None = Field(description="最近一次读数", examples=["1234.5000"])
    reading_kind: ReadingKind | None = Field(description="最近一次读数是怎么来的")


class Entering(Sent):
    """一次读数。"""

    read_on: Day = Field(description="抄表日期", examples=["2026-11-25"])
    value: Dial
    estimated: bool = Field(False, description="估抄")
    rolled_over: bool = Field(False, description="自上次读数以来走满归零了一次")


class Reading(Told):
    """登记好的读数。"""

    meter_id: int = Field(description="表的编号", examples=[21])
    read_on: date = Field(description="抄表日期", examples=["2026-11-25"])
    value: Decimal = Field(description="读数", examples=["1234.5000"])
    kind: ReadingKind = Field(description="actual 实抄，estimated 估抄", examples=["actual"])
    rolled_over: bool = Field(description="走满归零了一次")


@router.get("/meters", summary="表的列表", responses=refusals(*READ))
def meters(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    building: BuildingFilter = None,
    kind: Annotated[MeterKind | None, Query(description="只看这种表")] = None,
    read: Annotated[
        Literal["read", "unread", "gone"] | None,
        Query(description="本月已抄、本月未抄，或已拆除的；不填为所有在用的"),
    ] = None,
    room: RoomFilter = None,
) -> Page[MeterInList]:
    """令牌看得到的表，按房号；room 也可以是表号的开头。需要 meters.see。"""
    how = wanted(
        page, size, words=room, community=community, building=building, kind=kind, read=read
    )
    with acting(request) as desk:
        desk.access.require_somewhere("meters.see")
        on = clock.local_day(desk.at)
        found = listing.meters(desk.session, desk.access, how, code=room, on=on)
        return paged(found, page, _told)


@router.post(
    "/meters/{meter_id}/readings", summary="登记读数", status_code=201, responses=refusals(*ACT)
)
def enter(request: Request, meter_id: MeterId, sent: Entering) -> Reading:
    """登记一天的读数；同一天再发一次是更正，已经用于账单的不能改。需要 meters.edit。"""
    kind = ReadingKind.ESTIMATED if sent.estimated else ReadingKind.ACTUAL
    facts = ReadingFacts(sent.read_on, Decimal(sent.value), kind, sent.rolled_over)
    with acting(request) as desk:
        row, room = listing.find(desk.session, meter_id)
        by = desk.may("meters.edit", community_id=room.community_id, building_id=room.building_id)
        entered = reading.enter(desk.session, row, facts, by=by, at=desk.at)
        desk.session.refresh(entered)
        return Reading.model_validate(entered)


def _told(row: MeterRow) -> MeterInList:
    return MeterInList(
        id=row.id, serial=row.serial, kind=row.kind, kind_name=METER_KIND_NAMES[row.kind],
        to_on=row.to_on, room_id=row.room_id, room_code=row.room_code,
        building_name=row.building_name, community_name=row.community_name, read=row.read,
        read_on=row.read_on, value=row.value, reading_kind=row.reading_kind,
    )  # fmt: skip
