"""Taking money: the consequence in numbers first, then one payment per click."""

import secrets
from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from domain.access.sessions import NotSignedIn
from domain.bills import reading
from domain.errors import BackOfficeError, Conflict, Invalid
from domain.history import audit
from domain.history.actor import Actor
from domain.payments import prepayments
from domain.payments.allocations import PayerUnknown
from domain.payments.model import PAYMENT_METHOD_NAMES, PaymentMethod
from domain.payments.preview import Preview, preview
from domain.people.queries import PersonNotFound
from domain.rooms import queries as rooms
from gateway.web.amounts import parse_fen
from gateway.web.desk import household
from gateway.web.desk.household import Entered
from gateway.web.errors import FormStale, face
from gateway.web.fields import BillIds, FormId, FormKey, RoomId, Typed, one_line
from gateway.web.pages import page
from gateway.web.sessions import Desk, at_desk
from statemachines.payment import NothingOwed, take_at_counter

router = APIRouter(prefix="/desk/counter/rooms/{room_id}")


@router.post("/confirm")
def confirm(
    request: Request,
    room_id: RoomId,
    bills: BillIds = [],  # noqa: B006 - FastAPI copies it
    amount: Typed = "",
    method: Typed = "cash",
    note: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """What would happen, in numbers; nothing has happened yet."""
    entered = Entered(bills, amount, method, one_line(note))
    try:
        with at_desk(request, form_key=form_key) as desk:
            room = _room(desk, room_id)
            plan = _plan(desk, room, entered)
            way = _method(method)
    except BackOfficeError as refusal:
        return _back_to_room(request, room_id, entered, refusal, form_key)
    return page(
        request, "desk/confirm.html", desk=desk, room=room, plan=plan, entered=entered,
        method=way, request_key=secrets.token_urlsafe(18),
    )  # fmt: skip


@router.post("/edit")
def edit(
    request: Request,
    room_id: RoomId,
    bills: BillIds = [],  # noqa: B006 - FastAPI copies it
    amount: Typed = "",
    method: Typed = "cash",
    note: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """The room page again, as it was left."""
    with at_desk(request, form_key=form_key) as desk:
        home = household.at(desk, room_id)
    entered = Entered(bills, amount, method, one_line(note))
    return household.show(request, desk, home, entered=entered)


@router.post("/take")
def take(
    request: Request,
    room_id: RoomId,
    amount_fen: FormId,
    seen_owed_fen: FormId,
    request_key: Typed,
    bills: BillIds = [],  # noqa: B006 - FastAPI copies it
    method: Typed = "cash",
    note: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Take the money; a second click of the same form finds the first one's receipt."""
    typed = f"{amount_fen // 100}.{amount_fen % 100:02d}"
    entered = Entered(bills, typed, method, one_line(note))
    try:
        with at_desk(request, form_key=form_key) as desk:
            room = _room(desk, room_id)
            reading.chosen(desk.session, bills, community_id=room.community_id)
            payment = take_at_counter(
                desk.session, bills, amount_fen, method=_method(method),
                request_key=one_line(request_key), seen_owed_fen=seen_owed_fen,
                by=desk.may("payments.take", community_id=room.community_id),
                at=desk.at, note=entered.note or None,
            )  # fmt: skip
    except BackOfficeError as refusal:
        return _back_to_room(request, room_id, entered, refusal, form_key)
    return RedirectResponse(f"/desk/counter/receipts/{payment.receipt_no}?done=1", 303)


@router.post("/prepayment")
def auto_deduct(
    request: Request,
    room_id: RoomId,
    person_id: FormId,
    auto: Typed = "",
    form_key: FormKey = "",
) -> Response:
    """Note whether a payer of this room lets prepayment pay new bills by itself."""
    with at_desk(request, form_key=form_key) as desk:
        home = household.at(desk, room_id)
        if person_id not in [payer.person_id for payer in home.payers]:
            raise PersonNotFound("这个人不是这套房屋的缴费人")
        prepayments.opt_in(
            desk.session, community_id=home.room.community_id,
            person_id=person_id, auto_deduct=auto == "yes",
        )  # fmt: skip
        audit.record(
            desk.session, "prepayment.auto_deduct", subject="person", subject_id=person_id,
            by=Actor.staff(desk.staff.id, desk.staff.name), at=desk.at, agreed=auto == "yes",
        )  # fmt: skip
    return RedirectResponse(f"/desk/counter/rooms/{room_id}", 303)


def _room(desk: Desk, room_id: int) -> rooms.RoomFacts:
    room = rooms.facts(desk.session, room_id)
    desk.may("payments.take", community_id=room.community_id)
    return room


def _plan(desk: Desk, room: rooms.RoomFacts, entered: Entered) -> Preview:
    """The consequence of what was entered; an empty amount means exactly what is owed."""
    if not entered.bill_ids:
        raise Invalid("请先勾选要收的账单")
    rows = reading.chosen(desk.session, entered.bill_ids, community_id=room.community_id)
    _all_owing(rows)
    owed_fen = sum(row.owed_fen for row in rows)
    plan = preview(rows, parse_fen(entered.amount) if entered.amount.strip() else owed_fen)
    if plan.kept_fen and plan.keeper is None:
        raise PayerUnknown("这张账单没有登记缴费人，不能多收，请按欠款收")
    return plan


def _all_owing(rows: Sequence[reading.BillRow]) -> None:
    for row in rows:
        if not row.owed_fen:
            raise NothingOwed(f"账单 {row.no} 已经不欠款，不用再收", bill=row.no)


def _method(typed: str) -> PaymentMethod:
    if typed not in list(PaymentMethod):
        raise Invalid(f"收款方式请选{'、'.join(PAYMENT_METHOD_NAMES.values())}")
    return PaymentMethod(typed)


def _back_to_room(
    request: Request, room_id: int, entered: Entered, refusal: BackOfficeError, form_key: str
) -> Response:
    """The room as it stands now, with the refusal above and everything typed still there."""
    if isinstance(refusal, NotSignedIn | FormStale):
        raise refusal
    with at_desk(request, form_key=form_key) as desk:
        home = household.at(desk, room_id)
    said = refusal.message
    if isinstance(refusal, Conflict) and home.lately:
        said += "。这次没有收款，最近的收款记录在下面"
    status = face(refusal).status
    return household.show(request, desk, home, entered=entered, refusal=said, status=status)
