"""Money at the counter: who gets what, and who is refused."""

import pytest
from sqlalchemy import func, select

from domain.bills.model import BillStatus
from domain.errors import Conflict, Invalid
from domain.payments.allocations import PayerUnknown
from domain.payments.counter import KeyReused
from domain.payments.model import (
    Allocation,
    PaymentMethod,
    PaymentStatus,
    PrepaymentAccount,
)
from domain.payments.prepayments import BalanceTooSmall, lock, move, opt_in
from statemachines import bill as bills
from statemachines import prepayment
from statemachines.payment import (
    PAYMENT,
    NothingOwed,
    OwedChanged,
    refund,
    take_at_counter,
)
from tests.statemachines import squares

TABLE = {
    ("created", "submit"): "pending",
    ("created", "close"): "closed",
    ("created", "fail"): "failed",
    ("pending", "confirm"): "paid",
    ("pending", "close"): "closed",
    ("pending", "fail"): "failed",
    ("paid", "refund_part"): "partly_refunded",
    ("paid", "refund_all"): "refunded",
    ("partly_refunded", "refund_part"): "partly_refunded",
    ("partly_refunded", "refund_all"): "refunded",
}


def take(office, chosen, fen, key="click-1", **extra):
    return take_at_counter(
        office.session, [bill.id for bill in chosen], fen, method=PaymentMethod.CASH,
        request_key=key, by=office.by, at=office.at, **extra,
    )  # fmt: skip


def balance(office) -> int:
    return office.session.scalar(select(func.coalesce(func.sum(PrepaymentAccount.balance_fen), 0)))


def test_every_state_times_every_verb(office):
    paid = take(office, [office.bill(office.room(), 100)], 100)
    for status, verb in squares.cells(PAYMENT):
        with office.session.begin_nested() as one:
            squares.check_cell(office.session, PAYMENT, paid, status, verb, TABLE)
            one.rollback()


def test_full_payment_marks_the_bill_paid_and_tells_the_owner(office):
    bill = office.bill(office.room(), 12_345)
    payment = take(office, [bill], 12_345)
    assert (bill.status, bill.paid_fen) == (BillStatus.PAID, 12_345)
    assert payment.status is PaymentStatus.PAID
    assert payment.receipt_no.startswith("SJ202611")
    assert ("payment.received", f"payment:{payment.id}:received") in office.letters()


def test_part_payments_add_up(office):
    bill = office.bill(office.room(), 10_000)
    take(office, [bill], 4_000)
    assert (bill.status, bill.paid_fen) == (BillStatus.PARTLY_PAID, 4_000)
    take(office, [bill], 6_000, key="click-2")
    assert (bill.status, bill.paid_fen) == (BillStatus.PAID, 10_000)


def test_over_payment_becomes_prepayment(office):
    bill = office.bill(office.room(), 10_000)
    take(office, [bill], 10_050)
    assert bill.status is BillStatus.PAID
    assert balance(office) == 50


def test_over_payment_without_a_payer_is_refused(office):
    bill = office.bill(office.room(owner=None), 10_000)
    with pytest.raises(PayerUnknown):
        take(office, [bill], 10_001)


def test_several_bills_oldest_first_or_as_chosen(office):
    room = office.room()
    new = office.bill(room, 3_000)
    old = office.bill(office.room("1-1-102", owner=None), 5_000, payer=None)
    old.period_start = old.period_start.replace(month=10)
    office.session.flush()
    take(office, [new, old], 5_500)
    assert (old.paid_fen, new.paid_fen) == (5_000, 500)
    third = office.bill(office.room("1-1-103"), 1_000)
    fourth = office.bill(office.room("1-1-104"), 1_000)
    take(office, [fourth, third], 1_500, key="click-2", in_order_given=True)
    assert (fourth.paid_fen, third.paid_fen) == (1_000, 500)


def test_a_double_click_is_one_payment(office):
    bill = office.bill(office.room(), 10_000)
    first = take(office, [bill], 10_000)
    assert take(office, [bill], 10_000) is first
    assert office.session.scalar(select(func.sum(Allocation.amount_fen))) == 10_000
    with pytest.raises(KeyReused):
        take(office, [bill], 9_999)


def test_a_key_never_answers_for_bills_it_did_not_pay(office):
    bill, other = (office.bill(office.room(f"1-1-10{n}"), 10_000) for n in (1, 2))
    first = take(office, [bill, other], 10_000)
    assert take(office, [other, bill], 10_000) is first
    with pytest.raises(KeyReused, match="别的账单"):
        take(office, [other], 10_000)
    assert other.paid_fen == 0


def test_a_key_whose_money_was_more_than_owed_never_answers_for_more_bills(office):
    bill, other = (office.bill(office.room(f"1-1-10{n}"), 10_000) for n in (1, 2))
    first = take(office, [bill], 12_000)
    assert take(office, [bill], 12_000) is first
    with pytest.raises(KeyReused, match="别的账单"):
        take(office, [bill, other], 12_000)


def test_a_key_never_answers_for_another_method(office):
    bill = office.bill(office.room(), 10_000)
    take(office, [bill], 10_000)
    with pytest.raises(KeyReused, match="收款方式"):
        take_at_counter(
            office.session, [bill.id], 10_000, method=PaymentMethod.POS,
            request_key="click-1", by=office.by, at=office.at,
        )  # fmt: skip


def test_a_paid_bill_takes_no_more_money(office):
    bill = office.bill(office.room(), 10_000)
    take(office, [bill], 10_000)
    with pytest.raises(NothingOwed, match="已缴清"):
        take(office, [bill], 10_000, key="click-2")


def test_the_cashier_pays_what_the_cashier_saw(office):
    bill = office.bill(office.room(), 10_000)
    with pytest.raises(OwedChanged):
        take(office, [bill], 10_000, seen_owed_fen=9_000)


@pytest.mark.parametrize("fen", [0, -1])
def test_nonsense_amounts_are_refused(office, fen):
    with pytest.raises(Invalid):
        take(office, [office.bill(office.room(), 100)], fen)


def test_refund_opens_the_bill_again_and_takes_prepayment_back(office):
    bill = office.bill(office.room(), 10_000)
    payment = take(office, [bill], 10_500)
    refund(office.session, payment.id, by=office.by, at=office.at, note="刷错了")
    assert (bill.status, bill.paid_fen, balance(office)) == (BillStatus.ISSUED, 0, 0)
    assert payment.status is PaymentStatus.REFUNDED


def test_refund_of_used_prepayment_is_refused(office):
    bill = office.bill(office.room(), 10_000)
    payment = take(office, [bill], 10_500)
    account = lock(office.session, office.session.scalar(select(PrepaymentAccount.id)))
    move(
        office.session,
        account,
        -100,
        cause="bill_paid",
        by=office.by,
        at=office.at,
        bill_id=bill.id,
    )
    with pytest.raises(BalanceTooSmall):
        refund(office.session, payment.id, by=office.by, at=office.at, note="退")


def test_reversing_a_paid_bill_leaves_the_money_as_prepayment(office):
    bill = office.bill(office.room(), 10_000)
    payment = take(office, [bill], 10_000)
    bills.reverse(office.session, bill.id, by=office.by, at=office.at, note="面积有误")
    assert (bill.status, bill.paid_fen, balance(office)) == (
        BillStatus.REVERSED,
        0,
        10_000,
    )
    with pytest.raises(Conflict):
        refund(office.session, payment.id, by=office.by, at=office.at, note="退")


def test_prepayment_pays_new_bills_only_where_the_owner_agreed(office):
    room = office.room()
    first = office.bill(room, 1_000)
    take(office, [first], 3_500)
    person = first.payer_id
    second = office.bill(office.room("1-1-102", owner=None), 2_000, payer=None)
    second.payer_id = person
    office.session.flush()
    assert prepayment.pay_new_bills(office.session, by=office.clock, at=office.at) == 0
    opt_in(
        office.session,
        community_id=office.community.id,
        person_id=person,
        auto_deduct=True,
    )
    assert prepayment.pay_new_bills(office.session, by=office.clock, at=office.at) == 2_000
    assert (second.status, balance(office)) == (BillStatus.PAID, 500)
