"""房屋收费: what one room is charged of its own accord, such as a parking space; begun and ended."""

from datetime import date
from decimal import Decimal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from domain.fees import charging, listing
from domain.fees.charging import LABEL_LENGTH, ChargeFacts
from gateway.web.api.answers import ACT, FOUND, Told, refusals
from gateway.web.api.fee_items import editable
from gateway.web.api.fields import VISIBLE, ChargeId, Day, FeeId, Fen, Note, Quantity, Sent, Yuan
from gateway.web.api.guard import GuardedRoute, acting

router = APIRouter(route_class=GuardedRoute, tags=["收费标准"])

ROOM = r"^[^\s\x00-\x1f\x7f-\x9f]{1,40}$"


class Charge(Told):
    """一套房屋单独登记的一项收费。"""

    id: int = Field(description="收费登记编号", examples=[14])
    room_id: int = Field(description="房屋编号", examples=[101])
    label: str | None = Field(description="车位号、车牌之类", examples=["B1-023"])
    quantity: Decimal = Field(description="数量", examples=["1.0000"])
    unit_price: Decimal | None = Field(description="单独约定的单价，元；按标准时为空")
    amount_fen: int | None = Field(description="一次性费用的金额，分；别的费用为空")
    from_on: date = Field(description="第一天", examples=["2026-11-01"])
    to_on: date | None = Field(description="结束日，不含；没有说到哪天时为空")
    note: str | None = Field(description="备注")


class Charging(Sent):
    """给一套房屋登记一项收费。"""

    room: str = Field(pattern=ROOM, description="房号", examples=["5-1-101"])
    from_on: Day = Field(description="从哪天起", examples=["2026-12-01"])
    to_on: Day | None = Field(None, description="结束日，不含；不填为一直收")
    label: str | None = Field(
        None, pattern=rf"^{VISIBLE}(.*{VISIBLE})?$", max_length=LABEL_LENGTH,
        description="车位号、车牌之类；同一套房屋有两个时用它分开", examples=["B1-023"],
    )  # fmt: skip
    quantity: Quantity = "1"
    unit_price: Yuan | None = Field(None, description="单独约定的单价，元；不填按标准")
    amount_fen: Fen | None = Field(None, description="一次性费用的金额，分；只有一次性费用才填")
    note: Note = None

    def facts(self) -> ChargeFacts:
        """As the domain takes it."""
        return ChargeFacts(
            self.from_on, self.to_on, self.label, Decimal(self.quantity),
            None if self.unit_price is None else Decimal(self.unit_price), self.amount_fen,
            self.note,
        )  # fmt: skip


class Ending(Sent):
    """从哪天起不收。"""

    to_on: Day = Field(description="从这天起不收", examples=["2027-01-01"])


@router.get("/fee-items/{fee_id}/charges", summary="一套房屋的收费登记", responses=refusals(*FOUND))
def charges(
    request: Request,
    fee_id: FeeId,
    room: str = Query(pattern=ROOM, description="房号", examples=["5-1-101"]),
) -> list[Charge]:
    """这套房屋登记过的这项收费，最近的在前。需要 fees.see。"""
    with acting(request) as desk:
        item = listing.item(desk.session, fee_id)
        desk.may("fees.see", community_id=item.community_id)
        found = charging.of_room(desk.session, item, room)
        return [Charge.model_validate(one) for one in found]


@router.post(
    "/fee-items/{fee_id}/charges",
    summary="登记收费",
    status_code=201,
    responses=refusals(*ACT),
)
def begin(request: Request, fee_id: FeeId, sent: Charging) -> Charge:
    """比如租出一个车位；下次出账开始收。同一套房屋、同一个标记的日子不能重叠。需要 fees.edit。"""
    with acting(request) as desk:
        row = charging.add(
            desk.session, editable(desk, fee_id), sent.room, sent.facts(),
            by=desk.access.actor, at=desk.at,
        )  # fmt: skip
        desk.session.refresh(row)
        return Charge.model_validate(row)


@router.post(
    "/fee-items/{fee_id}/charges/{charge_id}/end", summary="停止收费", responses=refusals(*ACT)
)
def end(request: Request, fee_id: FeeId, charge_id: ChargeId, sent: Ending) -> Charge:
    """从某天起不收；已经出的账单不变。需要 fees.edit。"""
    with acting(request) as desk:
        item = editable(desk, fee_id)
        row = charging.end(
            desk.session, item, charge_id, sent.to_on, by=desk.access.actor, at=desk.at
        )
        return Charge.model_validate(row)
