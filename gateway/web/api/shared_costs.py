"""公摊: costs that rooms share – which there are, how one would split, entered, taken back."""

from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Request, Response
from pydantic import Field

from domain.bills import shared_costs
from domain.bills.shared_costs import CostFacts, CostRow, Split
from domain.fees import listing
from gateway.web.api.answers import ACT, FOUND, Told, refusals
from gateway.web.api.fee_items import editable
from gateway.web.api.fields import CostId, Day, FeeId, Fen, Quantity, Reason, Sent
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.sessions import Desk

router = APIRouter(route_class=GuardedRoute, tags=["公摊"])

CODE = r"^[0-9A-Za-z\u4e00-\u9fff]{1,20}$"


class SharedCost(Told):
    """一笔公摊费用。"""

    id: int = Field(description="公摊编号", examples=[9])
    scope: str = Field(description="哪里分摊", examples=["5栋 1单元"])
    start: date = Field(description="第一天", examples=["2026-10-01"])
    end: date = Field(description="结束日，不含", examples=["2026-11-01"])
    total_fen: int | None = Field(description="总额，分；无权看金额时为空", examples=[549_000])
    total_quantity: Decimal | None = Field(
        description="总用量；没有登记时为空", examples=["90.0000"]
    )
    run_id: int | None = Field(description="分摊了它的出账批次；还没有出账时为空", examples=[12])


class Part(Told):
    """分到一栋楼的部分。"""

    building: str = Field(description="楼栋", examples=["5栋"])
    rooms: int = Field(description="几套房屋", examples=[120])
    fen: int = Field(description="合计，分", examples=[274_500])


class Trial(Told):
    """一笔公摊今天会怎么分。"""

    rooms: int = Field(description="几套房屋分摊", examples=[240])
    weightless: int = Field(description="几套没有面积或权重，不分摊", examples=[0])
    least_fen: int = Field(description="最少的一户，分", examples=[1_800])
    most_fen: int = Field(description="最多的一户，分", examples=[3_200])
    buildings: list[Part] = Field(description="各栋楼")


class Cost(Sent):
    """要分摊的一笔费用。"""

    total_fen: Fen = Field(description="总额，分", examples=[549_000])
    start: Day = Field(description="第一天", examples=["2026-10-01"])
    end: Day = Field(description="结束日，不含", examples=["2026-11-01"])
    total_quantity: Quantity | None = Field(None, description="总用量，如 90 度", examples=["90"])
    building: str | None = Field(
        None, pattern=CODE, description="哪栋楼的代号；不填为全小区", examples=["5"]
    )
    entrance: str | None = Field(
        None, pattern=CODE, description="哪个单元；不填为全楼栋", examples=["1"]
    )

    def facts(self) -> CostFacts:
        """As the domain takes it."""
        used = None if self.total_quantity is None else Decimal(self.total_quantity)
        return CostFacts(self.total_fen, self.start, self.end, used, self.building, self.entrance)


class TakingBack(Sent):
    """撤回一笔公摊。"""

    note: Reason


@router.get("/fee-items/{fee_id}/shared-costs", summary="公摊列表", responses=refusals(*FOUND))
def costs(request: Request, fee_id: FeeId) -> list[SharedCost]:
    """一个公摊费用的最近三年，最近的在前。需要 fees.see；总额还需要 bills.see。"""
    with acting(request) as desk:
        item = listing.item(desk.session, fee_id)
        desk.may("fees.see", community_id=item.community_id)
        found = shared_costs.of_item(desk.session, item)
        return [_told(desk, one, item.community_id) for one in found]


@router.post("/fee-items/{fee_id}/shared-costs/trial", summary="试分公摊", responses=refusals(*ACT))
def trial(request: Request, fee_id: FeeId, sent: Cost) -> Trial:
    """今天会怎么分到户，什么也不录入。需要 fees.edit 和 bills.see。"""
    with acting(request) as desk:
        item = editable(desk, fee_id)
        desk.may("bills.see", community_id=item.community_id)
        return _split(shared_costs.try_out(desk.session, item, sent.facts()))


@router.post(
    "/fee-items/{fee_id}/shared-costs",
    summary="录入公摊",
    status_code=201,
    responses=refusals(*ACT)
    | {200: {"description": "已经录过了，这是那一笔", "model": SharedCost}},
)
def enter(request: Request, response: Response, fee_id: FeeId, sent: Cost) -> SharedCost:
    """下次出账时分摊到户，分到的加起来正好是总额。再发一次同样的不会录两笔。需要 fees.edit。"""
    with acting(request) as desk:
        item = editable(desk, fee_id)
        row, new = shared_costs.enter(
            desk.session, item, sent.facts(), by=desk.access.actor, at=desk.at
        )
        if not new:
            response.status_code = 200
        return _told(desk, shared_costs.find(desk.session, item, row.id), item.community_id)


@router.post(
    "/fee-items/{fee_id}/shared-costs/{cost_id}/take-back",
    summary="撤回公摊",
    responses=refusals(*ACT),
)
def take_back(
    request: Request, fee_id: FeeId, cost_id: CostId, sent: TakingBack
) -> list[SharedCost]:
    """还没有出账的公摊当作没有录过，回答其余的；出了账的不能撤回。需要 fees.edit。"""
    with acting(request) as desk:
        item = editable(desk, fee_id)
        shared_costs.take_back(
            desk.session, item, cost_id, by=desk.access.actor, at=desk.at, note=sent.note
        )
        found = shared_costs.of_item(desk.session, item)
        return [_told(desk, one, item.community_id) for one in found]


def _told(desk: Desk, row: CostRow, community_id: int) -> SharedCost:
    cost, sees = row.cost, desk.access.may("bills.see", community_id=community_id)
    return SharedCost(
        id=cost.id, scope=row.scope, start=cost.period_start, end=cost.period_end,
        total_fen=cost.total_fen if sees else None, total_quantity=cost.total_quantity,
        run_id=row.run_id,
    )  # fmt: skip


def _split(found: Split) -> Trial:
    return Trial(
        rooms=found.rooms, weightless=found.weightless, least_fen=found.least_fen,
        most_fen=found.most_fen,
        buildings=[Part(building=name, rooms=rooms, fen=fen) for name, rooms, fen in found.buildings],
    )  # fmt: skip
