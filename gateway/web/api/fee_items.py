"""一个费用项目: its prices from day to day, and a new price; what it costs to change is the desk's."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from domain.fees import desk as pricing
from domain.fees import listing
from domain.fees.desk import PriceFacts
from domain.fees.listing import TariffOf
from domain.fees.model import FeeBasis, FeeItem, ShareBy
from domain.fees.words import BASIS_NAMES
from domain.rooms.model import RoomKind
from gateway.web.api.answers import ACT, FOUND, Told, refusals
from gateway.web.api.fields import Day, FeeId, Quantity, Sent, Yuan
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.sessions import Desk

router = APIRouter(route_class=GuardedRoute, tags=["收费标准"])

MOST_TIERS = 20
Share = Annotated[
    str,
    Field(
        pattern=r"^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$", max_length=8,
        description="空置减免，0.3 为打七折", examples=["0.3"],
    ),
]  # fmt: skip


class Tier(Told):
    """阶梯的一档。"""

    above: Decimal = Field(description="用量超过多少起", examples=["10.0000"])
    unit_price: Decimal = Field(description="这一档的单价，元", examples=["3.500000"])


class Tariff(Told):
    """一版收费标准。"""

    id: int = Field(description="标准编号", examples=[31])
    version: int = Field(description="第几版", examples=[2])
    kind: RoomKind | None = Field(description="哪种房屋；空为没有单独定价的各种房屋")
    unit_price: Decimal = Field(description="单价，元", examples=["2.800000"])
    tiers: list[Tier] = Field(description="阶梯；不分时为空")
    vacancy_discount: Decimal = Field(description="空置减免，0.3 为打七折", examples=["0.300000"])
    from_on: date = Field(description="第一天", examples=["2026-01-01"])
    to_on: date | None = Field(description="结束日，不含；还在用时为空")


class Rate(Told):
    """一段时间的税率。"""

    rate: Decimal = Field(description="税率，0.06 为 6%", examples=["0.060000"])
    from_on: date = Field(description="第一天", examples=["2026-01-01"])
    to_on: date | None = Field(description="结束日，不含；还在用时为空")


class FeeItemInFull(Told):
    """一个费用项目，和它的全部收费标准。"""

    id: int = Field(description="费用项目编号", examples=[3])
    name: str = Field(description="费用名称", examples=["物业费"])
    code: str = Field(description="代号", examples=["property"])
    community_id: int = Field(description="小区编号", examples=[1])
    basis: FeeBasis = Field(description="计费方式", examples=["built_area"])
    basis_name: str = Field(description="计费方式的中文", examples=["按建筑面积"])
    share_by: ShareBy | None = Field(description="公摊费用按什么分摊；别的费用为空")
    cycle_months: int = Field(description="几个月收一次", examples=[1])
    active: bool = Field(description="是否在用")
    prices: list[Tariff] = Field(description="各版收费标准，最晚的在前")
    rates: list[Rate] = Field(description="各段税率，最晚的在前")
    prices_seen: str = Field(
        description="收费标准现在的样子；设新标准时原样带回，别人在这之间改过就不设",
        examples=["3f0c9a1b2d3f0c9a1b2d3f0c"],
    )


class TierSent(Sent):
    """阶梯的一档。"""

    above: Quantity = Field(description="用量超过多少起", examples=["10"])
    unit_price: Yuan


class NewPrice(Sent):
    """从某天起的收费标准。"""

    unit_price: Yuan
    from_on: Day = Field(description="从哪天起，到时之前的标准为止", examples=["2027-01-01"])
    kind: RoomKind | None = Field(
        None, strict=False, description="哪种房屋；不填为没有单独定价的各种房屋"
    )
    tiers: list[TierSent] = Field(
        default_factory=list, max_length=MOST_TIERS, description="阶梯，只有抄表费用才有"
    )
    vacancy_discount: Share = "0"
    prices_seen: str = Field(
        pattern=r"^[0-9a-f]{24}$", description="您看到的收费标准的样子；与现在不同就不设",
        examples=["3f0c9a1b2d3f0c9a1b2d3f0c"],
    )  # fmt: skip

    def facts(self) -> PriceFacts:
        """As the domain takes it."""
        bands = {Decimal(one.above): Decimal(one.unit_price) for one in self.tiers}
        return PriceFacts(
            Decimal(self.unit_price), self.from_on, self.kind, bands,
            Decimal(self.vacancy_discount),
        )  # fmt: skip


@router.get("/fee-items/{fee_id}", summary="一个费用项目", responses=refusals(*FOUND))
def fee_item(request: Request, fee_id: FeeId) -> FeeItemInFull:
    """各版收费标准和税率。需要 fees.see。"""
    with acting(request) as desk:
        item = listing.item(desk.session, fee_id)
        desk.may("fees.see", community_id=item.community_id)
        return _whole(desk, item)


@router.post(
    "/fee-items/{fee_id}/prices",
    summary="设收费标准",
    status_code=201,
    responses=refusals(*ACT) | {200: {"description": "已经是这个标准了", "model": FeeItemInFull}},
)
def set_price(request: Request, response: Response, fee_id: FeeId, sent: NewPrice) -> FeeItemInFull:
    """从某天起按新的单价算；已经出的账单不变。再发一次同样的不会有变化。需要 fees.edit。"""
    with acting(request) as desk:
        item = editable(desk, fee_id)
        pricing.take_turn(desk.session, item)
        before = pricing.seen(desk.session, item.id)
        pricing.set_price(
            desk.session, item, sent.facts(), opened=sent.prices_seen, by=desk.access.actor,
            at=desk.at,
        )  # fmt: skip
        if pricing.seen(desk.session, item.id) == before:
            response.status_code = 200
        return _whole(desk, item)


def editable(desk: Desk, fee_id: int) -> FeeItem:
    """The item, where the token may change it."""
    item = listing.item(desk.session, fee_id)
    desk.may("fees.edit", community_id=item.community_id)
    return item


def _whole(desk: Desk, item: FeeItem) -> FeeItemInFull:
    return FeeItemInFull(
        id=item.id, name=item.name, code=item.code, community_id=item.community_id,
        basis=item.basis, basis_name=BASIS_NAMES[item.basis], share_by=item.share_by,
        cycle_months=item.cycle_months, active=item.active,
        prices=[_tariff(one) for one in listing.tariffs(desk.session, item.id)],
        rates=[Rate.model_validate(one) for one in listing.rates(desk.session, item.id)],
        prices_seen=pricing.seen(desk.session, item.id),
    )  # fmt: skip


def _tariff(one: TariffOf) -> Tariff:
    row = one.row
    return Tariff(
        id=row.id, version=row.version, kind=row.room_kind, unit_price=row.unit_price,
        tiers=[Tier.model_validate(step) for step in one.tiers],
        vacancy_discount=row.vacancy_discount, from_on=row.from_on, to_on=row.to_on,
    )  # fmt: skip
