"""The proof holds over a busy day, and every check can fail."""

import pytest
from sqlalchemy import text

from domain.ledger.checks import CHECKS
from domain.ledger.proof import prove
from domain.payments.prepayments import opt_in
from statemachines import bill as bills
from statemachines import prepayment
from statemachines.payment import refund, take_at_counter

# One way to break each invariant that constraints alone could not hold (they are switched off here).
SABOTAGE = {
    "bill_lines": "UPDATE bill_line SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM bill_line)",
    "bill_paid": "UPDATE allocation SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM allocation)",
    "payment_spent": "UPDATE payment SET amount_fen = amount_fen + 1 WHERE status = 'paid'",
    "payment_returned": "DELETE FROM allocation WHERE releases_id IS NOT NULL",
    "payment_unborn": "UPDATE payment SET status = 'pending' WHERE status = 'paid'",
    "release": "UPDATE allocation SET amount_fen = amount_fen - 1 WHERE releases_id IS NOT NULL",
    "prepayment_balance": "UPDATE prepayment_account SET balance_fen = balance_fen + 1",
    "prepayment_spent": "UPDATE prepayment_entry SET amount_fen = amount_fen - 1 WHERE cause = 'bill_paid'",
    "prepayment_freed": "DELETE FROM prepayment_entry WHERE cause = 'bill_reversed'",
    "cash": "UPDATE bill SET paid_fen = paid_fen - 1 WHERE status = 'paid'",
    "bill_history": "DELETE FROM status_change WHERE thing = 'bill'",
    "payment_history": "DELETE FROM status_change WHERE thing = 'payment'",
    "approved": "INSERT INTO bill_run_decision (bill_run_id, decision, bills, total_fen, actor_kind, actor_name, at) SELECT id, 'approve', 0, 1, 'staff', 'x', now() FROM bill_run; UPDATE bill_run SET status = 'issued'",
    "told_once": "DROP INDEX IF EXISTS ix_x; ALTER TABLE letter DROP CONSTRAINT uq_letter_key; INSERT INTO letter (kind, key, facts, person_id, queued_at, not_before) SELECT 'bill.issued', 'k', '{}', p.id, now(), now() FROM person p, generate_series(1, 2)",
}


@pytest.fixture
def busy_day(office):
    """Full, part and over payments, a refund, a reversal, prepayment paying a bill."""
    rooms = [office.room(f"1-1-10{i}") for i in range(5)]
    made = [office.bill(room, 10_000) for room in rooms]

    def take(i, fen):
        return take_at_counter(
            office.session, [made[i].id], fen, method="cash", request_key=f"k{i}",
            by=office.by, at=office.at,
        )  # fmt: skip

    take(0, 15_000), take(1, 4_000), take(2, 10_000)
    refund(office.session, take(3, 10_500).id, by=office.by, at=office.at, note="刷错")
    bills.reverse(office.session, made[2].id, by=office.by, at=office.at, note="面积")
    opt_in(
        office.session,
        community_id=office.community.id,
        person_id=made[0].payer_id,
        auto_deduct=True,
    )
    made[4].payer_id = made[0].payer_id
    office.session.flush()
    assert prepayment.pay_new_bills(office.session, by=office.clock, at=office.at) == 5_000
    return office


def test_a_busy_day_adds_up(busy_day):
    proof = prove(busy_day.session)
    assert proof.ok, proof
    assert proof.received_fen == 29_000 == proof.paid_fen + proof.prepaid_fen


def test_every_check_has_its_sabotage():
    assert {check.name for check in CHECKS} == set(SABOTAGE)


@pytest.mark.parametrize("name", sorted(SABOTAGE))
def test_every_check_can_fail(busy_day, name):
    session = busy_day.session
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("ALTER TABLE bill DROP CONSTRAINT ck_bill_paid_status"))
    session.execute(text(SABOTAGE[name]))
    assert name in {breach.check for breach in prove(session).breaches}


def test_a_touched_audit_entry_is_found(busy_day):
    session = busy_day.session
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(
        text(
            "UPDATE audit_entry SET detail = '{}' WHERE id = (SELECT min(id) + 1 FROM audit_entry)"
        )
    )
    assert prove(session).audit_broken_at is not None
