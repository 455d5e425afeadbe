"""业主: lists, search without names in addresses, one person, and a whole number for a reason."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AfterValidator, Field

from domain import clock
from domain.people import listing, revealing
from domain.people import page as people
from domain.people.dressing import PersonRow
from domain.people.listing import Sought
from domain.people.model import OccupancyRole, Person, PersonKind
from domain.people.queries import OCCUPANCY_ROLE_NAMES
from domain.staff.model import FieldAccess, PersonalField
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    VISIBLE,
    WHOLE,
    CommunityFilter,
    PageNumber,
    PageSize,
    PersonId,
    Sent,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.desk.people import sought
from gateway.web.fields import one_line
from gateway.web.sessions import Desk
from gateway.web.vault import vault_of

router = APIRouter(route_class=GuardedRoute, tags=["业主"])

Words = Annotated[
    str,
    Field(
        min_length=1,
        max_length=60,
        pattern=VISIBLE,
        description="房号、姓名、电话或电话后四位",
        examples=["潘超"],
    ),
    AfterValidator(one_line),
]
Why = Annotated[
    str,
    Field(
        pattern=r"^([0-9]{0,5}[^0-9\s\x00-\x1f\x7f-\x9f]){4,100}[0-9]{0,5}$", max_length=200,
        description="为什么要看，至少四个字，会留下记录；不要写电话或证件号",
        examples=["业主报修联系不上"],
    ),
]  # fmt: skip


class PersonInList(Told):
    """列表里的一个人。"""

    id: int = Field(description="业主编号", examples=[7])
    name: str = Field(description="姓名", examples=["潘超"])
    kind: PersonKind = Field(description="natural 个人，company 单位", examples=["natural"])
    community_name: str = Field(description="小区", examples=["翠湖花园"])
    phone_masked: str | None = Field(description="打码的电话", examples=["138****0000"])
    rooms: str = Field(description="现在的房屋", examples=["5-1-101"])
    roles: str = Field(description="现在的身份", examples=["业主"])
    bound: bool = Field(description="企业微信是否联系得上")
    owed_fen: int | None = Field(
        description="待缴，分；不欠款或无权看金额时为空", examples=[12_345]
    )


class Stay(Told):
    """在一套房屋里的一段时间。"""

    room_id: int = Field(description="房屋编号", examples=[101])
    room_code: str = Field(description="房号", examples=["5-1-101"])
    building_name: str = Field(description="楼栋", examples=["5栋"])
    role: OccupancyRole = Field(description="身份", examples=["owner"])
    role_name: str = Field(description="身份的中文", examples=["业主"])
    relation: str | None = Field(description="与业主的关系", examples=["配偶"])
    is_payer: bool = Field(description="由此人缴费")
    from_on: date = Field(description="第一天", examples=["2024-03-01"])
    to_on: date | None = Field(description="结束日，不含；仍在时为空")


class PersonInFull(Told):
    """一个人，按令牌看得到的程度。"""

    id: int = Field(description="业主编号", examples=[7])
    name: str = Field(description="姓名", examples=["潘超"])
    kind: PersonKind = Field(description="natural 个人，company 单位", examples=["natural"])
    community_id: int = Field(description="小区编号", examples=[1])
    phone_masked: str | None = Field(description="打码的电话", examples=["138****0000"])
    id_number_masked: str | None = Field(description="打码的证件号")
    stays: list[Stay] = Field(description="住过和正住着的房屋，现在的在前")


class Search(Sent):
    """找人。放在正文里，姓名和电话不会留在地址和日志里。"""

    words: Words
    page: Annotated[int, Field(ge=1, le=100_000, description="第几页"), WHOLE] = 1
    size: Annotated[int, Field(ge=1, le=200, description="每页几条"), WHOLE] = 50


class Reveal(Sent):
    """看一个完整的号码。"""

    field: Literal["phone", "id_number"] = Field(description="phone 电话，id_number 证件号")
    reason: Why


class Revealed(Told):
    """一个完整的号码。"""

    field: PersonalField = Field(description="哪一个", examples=["phone"])
    value: str = Field(description="完整的号码", examples=["13800000000"])


@router.get("/people", summary="业主列表", responses=refusals(*READ))
def everybody(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    role: Annotated[
        Literal["owner", "family", "tenant", "none"] | None,
        Query(description="业主、家属、租户，或 none：现在没有房屋"),
    ] = None,
    wecom: Annotated[
        Literal["bound", "free"] | None, Query(description="企业微信已绑定或未绑定")
    ] = None,
) -> Page[PersonInList]:
    """令牌看得到的人，新登记的在前；电话按岗位打码。需要 people.see。"""
    how = wanted(page, size, community=community, role=role, wecom=wecom)
    with acting(request) as desk:
        desk.access.require_somewhere("people.see")
        on = clock.local_day(desk.at)
        return paged(
            listing.people(desk.session, desk.access, how, Sought(), on=on), page, _in_list
        )


@router.post("/people-search", summary="找业主", responses=refusals(*ACT))
def search(request: Request, sent: Search) -> Page[PersonInList]:
    """按房号、姓名或电话找人。需要 people.see。"""
    how = wanted(sent.page, sent.size)
    with acting(request) as desk:
        desk.access.require_somewhere("people.see")
        on = clock.local_day(desk.at)
        found = listing.people(desk.session, desk.access, how, sought(desk, sent.words), on=on)
        return paged(found, sent.page, _in_list)


@router.get("/people/{person_id}", summary="一个人", responses=refusals(*FOUND))
def person(request: Request, person_id: PersonId) -> PersonInFull:
    """一个人和他住过的房屋。需要 people.see。"""
    with acting(request) as desk:
        return _whole(desk, people.reach(desk.session, desk.access, "people.see", person_id))


@router.post("/people/{person_id}/reveal", summary="看完整的号码", responses=refusals(*ACT))
def reveal(request: Request, person_id: PersonId, sent: Reveal) -> Revealed:
    """看一次，记一次：谁、为什么。需要 people.see，并且岗位允许看全部。"""
    field = PersonalField(sent.field)
    with acting(request) as desk:
        value = revealing.reveal(
            desk.session, desk.access, vault_of(desk.config), person_id, field,
            reason=sent.reason, at=desk.at,
        )  # fmt: skip
    return Revealed(field=field, value=value)


def _in_list(row: PersonRow) -> PersonInList:
    return PersonInList.model_validate(row)


def _whole(desk: Desk, found: Person) -> PersonInFull:
    seen = people.fields(desk.session, desk.access, found)
    shown = {
        field: getattr(found, f"{field}_masked") if level is not FieldAccess.NONE else None
        for field, level in seen.items()
    }
    stays = people.stays(desk.session, desk.access, found.id)
    return PersonInFull(
        id=found.id, name=found.name, kind=found.kind, community_id=found.community_id,
        phone_masked=shown[PersonalField.PHONE],
        id_number_masked=shown[PersonalField.ID_NUMBER],
        stays=[
            Stay(
                room_id=one.room_id, room_code=one.room_code, building_name=one.building_name,
                role=one.role, role_name=OCCUPANCY_ROLE_NAMES[one.role], relation=one.relation,
                is_payer=one.is_payer, from_on=one.from_on, to_on=one.to_on,
            )
            for one in stays
        ],
    )  # fmt: skip
