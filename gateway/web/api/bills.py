"""账单: lists, one bill with the reasons for every line, and 红冲."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from domain import clock
from domain.bills import listing, queries, reading
from domain.bills.explain import explain_bill
from domain.bills.listing import ListedBill, Sought
from domain.bills.model import Bill, BillStatus
from domain.payments import queries as payments
from domain.payments.model import PaymentMethod
from gateway.web.api.answers import ACT, FOUND, READ, Page, Told, paged, refusals
from gateway.web.api.fields import (
    BillNo,
    CommunityFilter,
    Fen,
    MonthFilter,
    PageNumber,
    PageSize,
    Reason,
    RoomFilter,
    Sent,
    wanted,
)
from gateway.web.api.guard import GuardedRoute, acting
from gateway.web.desk.bills import REVERSIBLE, BillMoved
from gateway.web.sessions import Desk
from statemachines.bill import BILL, reverse

router = APIRouter(route_class=GuardedRoute, tags=["账单"])


class BillInList(Told):
    """列表里的一张账单。"""

    no: str = Field(description="账单号", examples=["ZD20261100000001"])
    community_id: int = Field(description="小区编号", examples=[1])
    room_id: int = Field(description="房屋编号", examples=[101])
    room_code: str = Field(description="房号", examples=["5-1-101"])
    payer_id: int | None = Field(description="缴费人的业主编号；没有登记时为空", examples=[7])
    payer_name: str | None = Field(description="缴费人", examples=["潘超"])
    period_start: date = Field(description="账期第一天", examples=["2026-11-01"])
    period_end: date = Field(description="账期结束日，不含", examples=["2026-12-01"])
    status: BillStatus = Field(description="状态", examples=["issued"])
    status_name: str = Field(description="状态的中文", examples=["待缴"])
    total_fen: int = Field(description="金额，分", examples=[12_345])
    paid_fen: int = Field(description="已缴，分", examples=[0])
    owed_fen: int = Field(description="还欠，分", examples=[12_345])
    due_on: date | None = Field(description="到期日", examples=["2026-12-16"])
    days_overdue: int = Field(description="已逾期几天；没有逾期为 0", examples=[0])


class Line(Told):
    """账单的一行，和它为什么是这个数。"""

    title: str = Field(description="费用名称", examples=["物业费"])
    label: str | None = Field(description="车位号、车牌之类", examples=["B1-023"])
    period_start: date = Field(description="第一天", examples=["2026-11-01"])
    period_end: date = Field(description="结束日，不含", examples=["2026-12-01"])
    amount_fen: int = Field(description="金额，分", examples=[12_345])
    tax_fen: int = Field(description="其中的税，分", examples=[699])
    sentences: list[str] = Field(
        description="为什么是这个数，一句一句", examples=[["100 ㎡ × 1.2345 元 × 1 个月"]]
    )
    detail: dict[str, Any] = Field(description="算出这个数的依据：单价、用量、阶梯、读数")


class MoneyIn(Told):
    """付给这张账单的一笔钱。"""

    at: str = Field(description="时刻，UTC", examples=["2026-11-25T02:00:00Z"])
    amount_fen: int = Field(description="金额，分", examples=[12_345])
    receipt_no: str | None = Field(description="收据号；来自预存款时为空")
    method: PaymentMethod | None = Field(description="收款方式；来自预存款时为空")


class BillInFull(BillInList):
    """一张账单，逐行解释，和付给它的钱。"""

    lines: list[Line] = Field(description="各行")
    paid_by: list[MoneyIn] = Field(description="付给它的钱，最早的在前")


class Reversal(Sent):
    """红冲一张账单。"""

    note: Reason
    seen_paid_fen: Fen = Field(description="您看到的已缴金额，分；与现在不同就不红冲")


@router.get("/bills", summary="账单列表", responses=refusals(*READ))
def bills(
    request: Request,
    page: PageNumber = 1,
    size: PageSize = 50,
    community: CommunityFilter = None,
    month: MonthFilter = None,
    status: Annotated[BillStatus | None, Query(description="只看这个状态")] = None,
    room: RoomFilter = None,
    *,
    late: Annotated[bool, Query(description="只看已逾期的，逾期最久的在前")] = False,
) -> Page[BillInList]:
    """令牌看得到的账单，新的月份在前。需要 bills.see。"""
    how = wanted(page, size, community=community, month=month, status=status, late=late)
    with acting(request) as desk:
        desk.access.require_somewhere("bills.see")
        on = clock.local_day(desk.at)
        found = listing.bills(desk.session, desk.access, how, Sought(room or "", room), on=on)
        return paged(found, page, lambda row: BillInList.model_validate(_row(row, on)))


@router.get("/bills/{no}", summary="一张账单", responses=refusals(*FOUND))
def bill(request: Request, no: BillNo) -> BillInFull:
    """逐行解释，和付给它的钱。需要 bills.see。"""
    with acting(request) as desk:
        return _whole(desk, _found(desk, no, "bills.see"))


@router.post("/bills/{no}/reversal", summary="红冲账单", responses=refusals(*ACT))
def take_back(request: Request, no: BillNo, sent: Reversal) -> BillInFull:
    """红冲不能撤回；已缴的钱转入缴费人的预存款。需要 bills.reverse。"""
    with acting(request) as desk:
        found = _found(desk, no, "bills.reverse")
        locked = queries.lock_all(desk.session, [found.id])[0]
        if locked.status in REVERSIBLE and sent.seen_paid_fen != locked.paid_fen:
            raise BillMoved(
                "这张账单刚刚收了款或退了款，请看过新的数字再红冲", paid_fen=locked.paid_fen
            )
        reverse(desk.session, found.id, by=desk.access.actor, at=desk.at, note=sent.note)
        return _whole(desk, found)


def _found(desk: Desk, no: str, permission: str) -> Bill:
    found = queries.by_no(desk.session, no)
    desk.may(permission, community_id=found.community_id)
    return found


def _whole(desk: Desk, found: Bill) -> BillInFull:
    on = clock.local_day(desk.at)
    row = ListedBill(reading.row(desk.session, found.id), "")
    told = explain_bill(desk.session, found).as_json()
    paid = [
        {
            "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "amount_fen": one.amount_fen,
            "receipt_no": one.receipt_no, "method": one.method,
        }
        for one in payments.towards(desk.session, found.id)
    ]  # fmt: skip
    return BillInFull.model_validate({**_row(row, on), "lines": told["lines"], "paid_by": paid})


def _row(row: ListedBill, on: date) -> dict[str, Any]:
    one = row.bill
    return {
        "no": one.no, "community_id": one.community_id, "room_id": one.room_id,
        "room_code": one.room_code, "payer_id": one.payer_id, "payer_name": one.payer_name,
        "period_start": one.period_start, "period_end": one.period_end, "status": one.status,
        "status_name": BILL.status_names[one.status], "total_fen": one.total_fen,
        "paid_fen": one.paid_fen, "owed_fen": one.owed_fen, "due_on": one.due_on,
        "days_overdue": one.days_overdue(on),
    }  # fmt: skip
