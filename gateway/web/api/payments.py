"""收款: lists, one payment, taking money at the counter, giving it back."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from domain import clock
from domain.bills import queries as bills
from domain.bills.listing import Sought
from domain.fees.calc.units import MAX_AMOUNT_FEN
from domain.payments import listing, queries
from domain.payments.counter import KeyReused
from domain.payments.listing import PaymentRow
from domain.payments.model import PaymentMethod, PaymentStatus
from domain.payments.queries import Receipt
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    WHOLE,
    CommunityFilter,
    Fen,
    IdempotencyKey,
    Note,
    PageNumber,
    PageSize,
    Reason,
    ReceiptNo,
    RoomFilter,
    Sent,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.sessions import Desk
from statemachines.payment import PAYMENT, refund, take_at_counter

router = APIRouter(route_class=GuardedRoute, tags=["收款"])

REUSED = "这个 Idempotency-Key 已经用于另一笔收款，请换一个"
Number = Annotated[str, Field(pattern=r"^ZD[0-9]{6,30}$", examples=["ZD20261100000001"])]

Taken = Annotated[
    int,
    Field(
        ge=1, le=MAX_AMOUNT_FEN, description="收了多少，分；多出的部分记为预存款", examples=[12_345]
    ),
    WHOLE,
]  # fmt: skip


class PaymentInList(Told):
    """列表里的一笔收款。"""

    receipt_no: str = Field(description="收据号", examples=["SJ20261100000001"])
    amount_fen: int = Field(description="金额，分", examples=[12_345])
    method: PaymentMethod = Field(description="方式：cash 现金，transfer 转账，pos 刷卡")
    status: PaymentStatus = Field(description="状态", examples=["paid"])
    status_name: str = Field(description="状态的中文", examples=["已到账"])
    received_at: datetime = Field(description="收款时刻", examples=["2026-11-25T02:00:00Z"])
    cashier: str | None = Field(description="收款人", examples=["李收银"])
    payer_name: str | None = Field(description="缴费人", examples=["潘超"])
    community_name: str = Field(description="小区", examples=["翠湖花园"])


class PaymentOfRooms(PaymentInList):
    """列表里的一笔收款，和它付的房屋。"""

    rooms: str | None = Field(description="付的是哪些房屋", examples=["5-1-101"])


class Share(Told):
    """一笔收款里付给一张账单的部分。"""

    bill_no: str = Field(description="账单号", examples=["ZD20261100000001"])
    room_code: str = Field(description="房号", examples=["5-1-101"])
    period_start: date = Field(description="账期第一天", examples=["2026-11-01"])
    period_end: date = Field(description="账期结束日，不含", examples=["2026-12-01"])
    amount_fen: int = Field(description="付了多少，分", examples=[12_345])
    left_fen: int = Field(description="这张账单今天还欠多少，分", examples=[0])


class PaymentInFull(PaymentInList):
    """一笔收款，也就是它的收据。"""

    community_id: int = Field(description="小区编号", examples=[1])
    note: str | None = Field(description="备注")
    kept_fen: int = Field(description="转为预存款的部分，分", examples=[0])
    shares: list[Share] = Field(description="付给了哪些账单")


class Taking(Sent):
    """收一笔款。"""

    bills: list[Number] = Field(
        min_length=1, max_length=200, description="付哪些账单，先付最早到期的；必须是同一个小区"
    )
    amount_fen: Taken
    method: Literal["cash", "transfer", "pos"] = Field(description="现金、转账、刷卡")
    seen_owed_fen: Fen | None = Field(
        None, description="您看到这些账单一共还欠多少，分；填了而与现在不同，就不收"
    )
    note: Note = None


class Refund(Sent):
    """全额退款。"""

    note: Reason


@router.get("/payments", summary="收款列表", responses=refusals(*READ))
def payments(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    method: Annotated[PaymentMethod | None, Query(description="只看这种方式")] = None,
    status: Annotated[PaymentStatus | None, Query(description="只看这个状态")] = None,
    when: Annotated[
        Literal["today", "yesterday", "month", "last_month"] | None,
        Query(description="今天、昨天、本月、上月"),
    ] = None,
    room: RoomFilter = None,
) -> Page[PaymentOfRooms]:
    """令牌看得到的收款，最近的在前。需要 payments.see。"""
    how = wanted(page, size, community=community, method=method, status=status, when=when)
    with acting(request) as desk:
        desk.access.require_somewhere("payments.see")
        found = listing.payments(
            desk.session, desk.access, how, Sought(room or "", room), on=clock.local_day(desk.at)
        )
        return paged(found, page, _in_list)


@router.get("/payments/{receipt_no}", summary="一笔收款", responses=refusals(*FOUND))
def payment(request: Request, receipt_no: ReceiptNo) -> PaymentInFull:
    """一笔收款和它付的账单。需要 payments.see。"""
    with acting(request) as desk:
        return _whole(_found(desk, receipt_no, "payments.see"))


@router.post(
    "/payments",
    summary="收款",
    status_code=201,
    responses=refusals(*ACT)
    | {200: {"description": "这个编号已经收过，这是那一笔", "model": PaymentInFull}},
)
def take(
    request: Request, response: Response, sent: Taking, idempotency_key: IdempotencyKey
) -> PaymentInFull:
    """收一笔款并给业主发收据。同一个 Idempotency-Key 只收一次。需要 payments.take。"""
    with acting(request) as desk:
        owed = bills.numbered(desk.session, sent.bills)
        for one in owed:
            desk.may("payments.take", community_id=one.community_id)
        try:
            made = take_at_counter(
                desk.session, [one.id for one in owed], sent.amount_fen,
                method=PaymentMethod(sent.method), seen_owed_fen=sent.seen_owed_fen,
                note=sent.note, request_key=f"api {desk.staff.id} {idempotency_key}",
                by=desk.access.actor, at=desk.at,
            )  # fmt: skip
        except KeyReused as refusal:  # whose sentence tells a person to refresh the page
            raise KeyReused(REUSED, **refusal.facts) from None
        assert made.receipt_no is not None
        told = queries.receipt(desk.session, made.receipt_no)
        if made.received_at != desk.at:
            response.status_code = 200
        return _whole(told)


@router.post("/payments/{receipt_no}/refund", summary="退款", responses=refusals(*ACT))
def give_back(request: Request, receipt_no: ReceiptNo, sent: Refund) -> PaymentInFull:
    """全额退款：账单重新欠款，收据作废，不能撤回。需要 payments.refund。"""
    with acting(request) as desk:
        found = _found(desk, receipt_no, "payments.refund")
        refund(
            desk.session, found.payment_id, by=desk.access.actor, at=desk.at, note=sent.note
        )  # fmt: skip
        return _whole(queries.receipt(desk.session, receipt_no))


def _found(desk: Desk, receipt_no: str, permission: str) -> Receipt:
    found = queries.receipt(desk.session, receipt_no)
    desk.may(permission, community_id=found.community_id)
    return found


def _in_list(row: PaymentRow) -> PaymentOfRooms:
    return PaymentOfRooms(
        receipt_no=row.receipt_no, amount_fen=row.amount_fen, method=row.method,
        status=row.status, status_name=PAYMENT.status_names[row.status],
        received_at=row.received_at, cashier=row.cashier, payer_name=row.payer,
        community_name=row.community_name, rooms=row.rooms,
    )  # fmt: skip


def _whole(told: Receipt) -> PaymentInFull:
    return PaymentInFull(
        receipt_no=told.no, amount_fen=told.amount_fen, method=told.method, status=told.status,
        status_name=PAYMENT.status_names[told.status], received_at=told.received_at,
        cashier=told.cashier, payer_name=told.payer_name, community_id=told.community_id,
        community_name=told.community_name, note=told.note, kept_fen=told.kept_fen,
        shares=[Share.model_validate(one) for one in told.shares],
    )  # fmt: skip
