"""账单 at the desk: the list, the rows behind every figure a cashier sees, and 红冲 of one bill."""

from collections.abc import Iterable, Sequence
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.bills import listing, queries, reading, unclaimed
from domain.bills.explain import explain_bill
from domain.bills.listing import ListedBill
from domain.bills.model import Bill, BillRun, BillStatus
from domain.errors import BackOfficeError, Conflict
from domain.listing import Listed, Wanted
from domain.money import yuan
from domain.payments import allocations
from domain.payments import queries as payments
from gateway.web.desk import run_supplements
from gateway.web.desk.sought import sought
from gateway.web.fields import BillNo, FormKey, Typed
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, may_ask_again, reason, sure
from gateway.web.words import bill_tag, month, period
from statemachines.bill import BILL, reverse

router = APIRouter(prefix="/desk")

REVERSIBLE = (*queries.OWING, BillStatus.PAID)


class BillMoved(Conflict):
    """The bill is no longer what the colleague looked at."""

    code = "bill_moved"


def _rows(desk: Desk, wanted: Wanted) -> Listed[ListedBill]:
    on = clock.local_day(desk.at)
    return listing.bills(desk.session, desk.access, wanted, sought(wanted.words), on=on)


def _everything(desk: Desk, wanted: Wanted) -> Iterable[ListedBill]:
    on = clock.local_day(desk.at)
    return listing.everything(desk.session, desk.access, wanted, sought(wanted.words), on=on)


def _months(desk: Desk) -> Sequence[tuple[str, str]]:
    return [(f"{one:%Y-%m}", month(one)) for one in listing.months(desk.session, desk.access)]


def _statuses(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(status.value, name) for status, name in BILL.status_names.items()]


PAGE = ListPage(
    key="bills",
    title="账单",
    unit="张账单",
    needs="bills.see",
    columns=(
        Column("房屋", lambda row: (f"/desk/bills/{row.bill.no}", row.bill.room_code), look="link"),
        Column(
            "账期", lambda row: period(row.bill.period_start, row.bill.period_end), sort="month"
        ),
        Column("缴费人", lambda row: row.bill.payer_name or "没有登记"),
        Column("状态", lambda row: bill_tag(row.bill, clock.today()), look="tag"),
        Column("到期日", lambda row: row.bill.due_on, look="day"),
        Column("账单号", lambda row: row.bill.no, look="code"),
        Column("小区", lambda row: row.community_name, look="soft"),
        Column("金额", lambda row: row.bill.total_fen, look="money"),
        Column("还欠", lambda row: row.bill.owed_fen or None, look="money"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        communities("bills.see"),
        Filter("month", "账期", _months),
        Filter("status", "状态", _statuses),
        Filter("late", "逾期", lambda _desk: [("yes", "只看已逾期的")]),
    ),
    search="房号、姓名或账单号",
    empty=("还没有账单", "每月 1 日早上会自动算好账单，批准以后才会出账。"),
)
serve(router, PAGE)


@router.get("/bills/{bill_no}")
def bill(request: Request, bill_no: BillNo, done: str = "") -> Response:
    """One bill, line by line, with the reasons and what paid it."""
    with at_desk(request) as desk:
        found = queries.by_no(desk.session, bill_no)
        desk.may("bills.see", community_id=found.community_id)
        there = desk.access.may
        facts: dict[str, Any] = dict(
            row=reading.row(desk.session, found.id),
            told=explain_bill(desk.session, found),
            paid=payments.towards(desk.session, found.id),
            takes=there("payments.take", community_id=found.community_id),
            reverses=there("bills.reverse", community_id=found.community_id)
            and found.status in REVERSIBLE,
            complete=_complete(request, desk, found),
            unclaimed=unclaimed.of(desk.session, found),
            nobodys=allocations.nobodys(desk.session, found),
            registers=there("people.edit", community_id=found.community_id),
        )
    return page(request, "desk/bill.html", desk=desk, done=done, **facts)


@router.get("/bills/{bill_no}/reverse")
def ask(request: Request, bill_no: BillNo) -> Response:
    """What 红冲 of this bill would do, in numbers."""
    with at_desk(request) as desk:
        return sure(request, desk, _reversal(desk, bill_no))


@router.post("/bills/{bill_no}/reverse")
def take_back(
    request: Request,
    bill_no: BillNo,
    note: Typed = "",
    seen_paid_fen: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """红冲 the bill, if as much is paid of it as the colleague saw."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            found = _reversible(desk, bill_no)
            locked = queries.lock_all(desk.session, [found.id])[0]
            said = reason(note, "红冲")
            if locked.status in REVERSIBLE and seen_paid_fen != str(locked.paid_fen):
                raise BillMoved("这张账单刚刚收了款或退了款，请看过新的数字再红冲")
            reverse(desk.session, found.id, by=desk.access.actor, at=desk.at, note=said)
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            return sure(request, desk, _reversal(desk, bill_no), note=note, refusal=refusal)
    return RedirectResponse(f"/desk/bills/{bill_no}?done=reversed", 303)


def _complete(request: Request, desk: Desk, found: Bill) -> str:
    """Where the month of a reversed bill is billed again."""
    if found.status is not BillStatus.REVERSED:
        return ""
    return run_supplements.link(request, desk, desk.session.get_one(BillRun, found.bill_run_id))


def _reversible(desk: Desk, bill_no: str) -> Bill:
    found = queries.by_no(desk.session, bill_no)
    desk.may("bills.reverse", community_id=found.community_id)
    return found


def _blocked(desk: Desk, found: Bill) -> str:
    if found.status not in REVERSIBLE:
        return f"这张账单{BILL.status_names[found.status]}，不能红冲。"
    if allocations.nobodys(desk.session, found):
        return f"{allocations.NOBODYS.format(found.no)}。"
    return ""


def _reversal(desk: Desk, bill_no: str) -> Sure:
    found = _reversible(desk, bill_no)
    row = reading.row(desk.session, found.id)
    kept = f"已缴的 {yuan(row.paid_fen)} 转入{row.payer_name or '缴费人'}的预存款"
    return Sure(
        here="bills",
        title=f"红冲账单 {row.no}",
        sentence=f"红冲 {row.room_code} {period(row.period_start, row.period_end)}的账单"
        f" {yuan(row.total_fen)}{f'，{kept}' if row.paid_fen else ''}",
        figures=[
            ("缴费人", row.payer_name or "没有登记"), ("账单金额", yuan(row.total_fen)),
            ("已缴", yuan(row.paid_fen)), ("不再欠", yuan(row.owed_fen)),
        ],
        warnings=["红冲不能撤回：原账单保留，另记一笔相反的明细；要再收，改好原因以后再发起这个月的出账，只补这一户。"],
        action=f"/desk/bills/{row.no}/reverse",
        button="确认红冲",
        back=f"/desk/bills/{row.no}",
        seen={"seen_paid_fen": row.paid_fen},
        reason="红冲的原因（会记录在案）",
        blocked=_blocked(desk, found),
        grave=True,
    )  # fmt: skip
