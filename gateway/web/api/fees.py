"""收费标准: fee items with the prices of today."""

from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from domain import clock
from domain.fees import listing
from domain.fees.listing import FeeRow
from domain.fees.model import FeeBasis
from domain.fees.words import BASIS_NAMES
from domain.rooms.model import RoomKind
from gateway.web.api.answers import READ, Page, Told, paged, refusals
from gateway.web.api.fields import CommunityFilter, PageNumber, PageSize, wanted
from gateway.web.api.guard import GuardedRoute, acting

router = APIRouter(route_class=GuardedRoute, tags=["收费标准"])


class Price(Told):
    """今天的一个单价。"""

    kind: RoomKind | None = Field(description="哪种房屋；空为没有单独定价的各种房屋")
    unit_price: Decimal = Field(description="单价，元", examples=["1.200000"])
    tiers: int = Field(description="分几档阶梯；0 为不分", examples=[0])


class FeeItem(Told):
    """一个费用项目，和今天的单价。"""

    id: int = Field(description="费用项目编号", examples=[3])
    name: str = Field(description="费用名称", examples=["物业费"])
    code: str = Field(description="代号", examples=["property"])
    basis: FeeBasis = Field(description="计费方式", examples=["built_area"])
    basis_name: str = Field(description="计费方式的中文", examples=["按建筑面积"])
    cycle_months: int = Field(description="几个月收一次", examples=[1])
    active: bool = Field(description="是否在用")
    community_name: str = Field(description="小区", examples=["翠湖花园"])
    charged: int = Field(description="单独登记了这项收费的房屋", examples=[12])
    prices: list[Price] = Field(description="今天的单价")


@router.get("/fee-items", summary="费用项目列表", responses=refusals(*READ))
def fee_items(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    basis: Annotated[FeeBasis | None, Query(description="只看这种计费方式")] = None,
) -> Page[FeeItem]:
    """令牌看得到的费用项目，按小区。需要 fees.see。"""
    how = wanted(page, size, community=community, basis=basis)
    with acting(request) as desk:
        desk.access.require_somewhere("fees.see")
        on = clock.local_day(desk.at)
        return paged(listing.items(desk.session, desk.access, how, on=on), page, _told)


def _told(row: FeeRow) -> FeeItem:
    return FeeItem(
        id=row.id, name=row.name, code=row.code, basis=row.basis,
        basis_name=BASIS_NAMES[row.basis], cycle_months=row.cycle_months, active=row.active,
        community_name=row.community_name, charged=row.charged,
        prices=[Price.model_validate(one) for one in row.prices],
    )  # fmt: skip
