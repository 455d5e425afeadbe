"""收款记录: the list, one payment with its receipt, giving it back, and the tills of a day."""

from collections.abc import Iterable, Sequence
from datetime import date

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain import clock
from domain.company.queries import letterhead
from domain.errors import BackOfficeError, Conflict
from domain.listing import Listed, Wanted
from domain.money import yuan
from domain.payments import listing, queries
from domain.payments.listing import WHEN, PaymentRow, TillRow
from domain.payments.model import PAYMENT_METHOD_NAMES, PaymentStatus
from domain.payments.queries import Receipt
from gateway.web.desk.sought import sought
from gateway.web.fields import FormKey, ReceiptNo, Typed
from gateway.web.listing import Column, Filter, ListPage, communities, serve
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from gateway.web.sure import Sure, may_ask_again, reason, sure
from statemachines.payment import PAYMENT, refund

router = APIRouter(prefix="/desk")

PAYMENT_TONES = {PaymentStatus.PAID: "good", PaymentStatus.PENDING: "busy"}


class PaymentMoved(Conflict):
    """The payment is no longer what the colleague looked at."""

    code = "payment_moved"


def _rows(desk: Desk, wanted: Wanted) -> Listed[PaymentRow]:
    on = clock.local_day(desk.at)
    return listing.payments(desk.session, desk.access, wanted, sought(wanted.words), on=on)


def _everything(desk: Desk, wanted: Wanted) -> Iterable[PaymentRow]:
    on = clock.local_day(desk.at)
    return listing.everything(desk.session, desk.access, wanted, sought(wanted.words), on=on)


def _ways(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(way.value, name) for way, name in PAYMENT_METHOD_NAMES.items()]


def _statuses(_desk: Desk) -> Sequence[tuple[str, str]]:
    return [(status.value, PAYMENT.status_names[status]) for status in listing.TAKEN]


def payment_tag(status: PaymentStatus) -> tuple[str, str]:
    """(tone, words) of a payment's state."""
    return PAYMENT_TONES.get(status, "quiet"), PAYMENT.status_names[status]


PAGE = ListPage(
    key="payments",
    title="收款记录",
    unit="笔收款",
    needs="payments.see",
    columns=(
        Column("收据号", lambda row: (f"/desk/payments/{row.receipt_no}", row.receipt_no), "link"),
        Column("时间", lambda row: row.received_at, look="moment", sort="time"),
        Column("房屋", lambda row: row.rooms, look="code"),
        Column("缴费人", lambda row: row.payer),
        Column("方式", lambda row: PAYMENT_METHOD_NAMES[row.method]),
        Column("状态", lambda row: payment_tag(row.status), look="tag"),
        Column("收款人", lambda row: row.cashier, look="soft"),
        Column("小区", lambda row: row.community_name, look="soft"),
        Column("金额", lambda row: row.amount_fen, look="money"),
    ),
    rows=_rows,
    everything=_everything,
    filters=(
        communities("payments.see"),
        Filter("when", "时间", lambda _desk: list(WHEN.items())),
        Filter("method", "方式", _ways),
        Filter("status", "状态", _statuses),
    ),
    search="收据号、房号或缴费人",
    empty=("还没有收过款", "在收费台收的每一笔都会出现在这里。"),
    actions=lambda _desk: [("/desk/payments/days", "收款员日结")],
)
serve(router, PAGE)


@router.get("/payments/days")
def days(request: Request, day: str = "", community: str = "") -> Response:
    """What every till came to in a day: by cashier and way, with what was given back."""
    with at_desk(request) as desk:
        desk.access.require_somewhere("payments.see")
        places = desk.access.communities(desk.session, "payments.see", whole=True)
        here = next((one.id for one in places if str(one.id) == community), None)
        on = _day(day, clock.local_day(desk.at))
        rows = listing.tills(desk.session, desk.access, on=on, community_id=here)
    return page(
        request, "desk/tills.html", desk=desk, here="payments", on=on, rows=rows, places=places,
        community=here, sums=_sums(rows), method_names=PAYMENT_METHOD_NAMES,
    )  # fmt: skip


@router.get("/payments/{receipt_no}")
def payment(request: Request, receipt_no: ReceiptNo, done: str = "") -> Response:
    """One payment: its receipt, and giving it back."""
    with at_desk(request) as desk:
        found = _seen(desk, receipt_no)
        refunds = desk.access.may("payments.refund", community_id=found.community_id)
        sees_bills = desk.access.may("bills.see", community_id=found.community_id)
    return page(
        request, "desk/payment.html", desk=desk, here="payments", receipt=found, done=done,
        tag_of=payment_tag(found.status), sees_bills=sees_bills,
        refunds=refunds and found.status is PaymentStatus.PAID,
    )  # fmt: skip


@router.get("/payments/{receipt_no}/receipt")
def receipt(request: Request, receipt_no: ReceiptNo) -> Response:
    """The receipt again, to look at or to print."""
    with at_desk(request) as desk:
        found = _seen(desk, receipt_no)
        takes = desk.access.may("payments.take", community_id=found.community_id)
        head = letterhead(desk.session, found.community_id)
    return page(
        request, "desk/receipt.html", desk=desk, receipt=found, head=head, done=False, takes=takes
    )


@router.get("/payments/{receipt_no}/refund")
def ask(request: Request, receipt_no: ReceiptNo) -> Response:
    """What giving this payment back would do, in numbers."""
    with at_desk(request) as desk:
        return sure(request, desk, _refund(desk, receipt_no))


@router.post("/payments/{receipt_no}/refund")
def give_back(
    request: Request, receipt_no: ReceiptNo, note: Typed = "", form_key: FormKey = ""
) -> Response:
    """Give the whole payment back; again refuses, for then it is given back."""
    try:
        with at_desk(request, form_key=form_key) as desk:
            found = _refundable(desk, receipt_no)
            said = reason(note, "退款")
            by = desk.access.actor
            refund(desk.session, found.payment_id, by=by, at=desk.at, note=said)
    except BackOfficeError as refusal:
        may_ask_again(refusal)
        with at_desk(request, form_key=form_key) as desk:
            what = _refund(desk, receipt_no)
            return sure(request, desk, what, note=note, refusal=refusal)
    return RedirectResponse(f"/desk/payments/{receipt_no}?done=refunded", 303)


def _seen(desk: Desk, receipt_no: str) -> Receipt:
    found = queries.receipt(desk.session, receipt_no)
    desk.may("payments.see", community_id=found.community_id)
    return found


def _refundable(desk: Desk, receipt_no: str) -> Receipt:
    found = queries.receipt(desk.session, receipt_no)
    desk.may("payments.refund", community_id=found.community_id)
    return found


def _refund(desk: Desk, receipt_no: str) -> Sure:
    found = _refundable(desk, receipt_no)
    name = PAYMENT.status_names[found.status]
    whose = found.payer_name or "缴费人"
    again = sum(share.amount_fen for share in found.shares)
    return Sure(
        here="payments",
        title=f"退款 {found.no}",
        sentence=f"退还 {whose} {yuan(found.amount_fen)}（{PAYMENT_METHOD_NAMES[found.method]}）",
        figures=[
            ("收据号", found.no), ("原来收的", yuan(found.amount_fen)),
            (f"重新欠款的账单（{len(found.shares)} 张）", yuan(again)),
            ("从预存款扣回", yuan(found.kept_fen)),
        ],
        warnings=[
            "退款不能撤回，收据随之作废。请先把钱交给缴费人，再按确认。",
            "账单重新欠款后，业主会照常收到催缴；账单本身有错，请红冲账单。",
        ],
        action=f"/desk/payments/{found.no}/refund",
        button=f"确认退款 {yuan(found.amount_fen)}",
        back=f"/desk/payments/{found.no}",
        reason="退款的原因（会记录在案）",
        blocked="" if found.status is PaymentStatus.PAID else f"这笔收款{name}，不能再退。",
        grave=True,
    )  # fmt: skip


def _day(typed: str, today: date) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return today


def _sums(rows: Sequence[TillRow]) -> tuple[int, int, int]:
    """(payments, fen taken, fen given back)"""
    return (
        sum(row.payments for row in rows),
        sum(row.total_fen for row in rows),
        sum(row.refunded_fen for row in rows),
    )
