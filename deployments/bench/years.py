"""Months of bills, payments, letters and readings for a town, by set-based statements.

For measuring screens. Foreign keys are not checked while filling (`session_replication_role`) and
indexes are built afterwards (`bare`): the statements are right by construction, and what is
measured comes later.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.fees.calc.periods import add_months

FILLED = (
    "bill_run_chunk", "bill", "bill_line", "payment", "allocation", "letter", "audit_entry",
    "audit_place", "meter_reading",
)  # fmt: skip
"""Tables that grow by the month."""

RUN = """
    INSERT INTO bill_run (community_id, period_start, period_end, status, created_at, frozen_at,
                          due_on, issued_at)
    VALUES (:town, :start, :end, 'issued', :start, :start, :due, :start) RETURNING id"""
CHUNKS = """
    INSERT INTO bill_run_chunk (bill_run_id, number, title, first_room_id, last_room_id,
                                building_id, rooms, drafted_at, issued_at, bills, lines, total_fen)
    SELECT :run, row_number() OVER (ORDER BY building_id), building_id || '栋', min(id), max(id),
           building_id, count(*), :start, :start, count(*), 3 * count(*), 46000 * count(*)
      FROM room WHERE community_id = :town GROUP BY building_id"""
BILLS = """
    INSERT INTO bill (no, community_id, bill_run_id, room_id, payer_id, period_start, period_end,
                      status, total_fen, paid_fen, due_on, issued_at)
    SELECT 'ZD' || to_char(CAST(:start AS date), 'YYYYMM') || lpad(o.room_id::text, 8, '0'), :town,
           :run, o.room_id, o.person_id, :start, :end,
           CASE WHEN open THEN 'issued' ELSE 'paid' END, 46000,
           CASE WHEN open THEN 0 ELSE 46000 END, :due, :start
      FROM (SELECT o.room_id, o.person_id, (o.room_id * 7919 + :month) % 100 < :open AS open
              FROM occupancy o JOIN room r ON r.id = o.room_id
             WHERE r.community_id = :town AND o.is_payer) o
     ORDER BY o.room_id"""
LINES = """
    INSERT INTO bill_line (bill_id, room_id, fee_item_id, label, basis, period_start, period_end,
                           days, period_days, unit_price, quantity, area, tariff_version, vat_rate,
                           tax_fen, amount_fen)
    SELECT b.id, b.room_id, i.id, CASE i.code WHEN 'parking' THEN '车位' || b.room_id END, i.basis,
           b.period_start, b.period_end, 30, 30, 2.8, 1, 90, 1, 0.06, 800,
           CASE i.code WHEN 'property' THEN 25200 WHEN 'parking' THEN 15000 ELSE 5800 END
      FROM bill b, fee_item i
     WHERE b.bill_run_id = :run AND i.community_id = :town ORDER BY b.id, i.id"""
PAYMENTS = """
    INSERT INTO payment (community_id, payer_id, receipt_no, request_key, asked_bills, method,
                         amount_fen, status, received_at, received_by)
    SELECT :town, payer_id, 'SJ' || substr(no, 3), no, ARRAY[id],
           (ARRAY['cash', 'transfer', 'pos'])[1 + room_id % 3], total_fen, 'paid',
           CAST(:start AS timestamptz) + (room_id % 40) * interval '11 hours', :staff
      FROM bill WHERE bill_run_id = :run AND status = 'paid' ORDER BY id"""
ALLOCATIONS = """
    INSERT INTO allocation (bill_id, payment_id, amount_fen, at, actor_name)
    SELECT b.id, p.id, b.total_fen, p.received_at, '测速'
      FROM bill b JOIN payment p ON p.request_key = b.no
     WHERE b.bill_run_id = :run AND p.received_at >= :start ORDER BY b.id"""
LETTERS = """
    INSERT INTO letter (community_id, person_id, kind, key, facts, status, queued_at, not_before,
                        tries, sent_at, failed_at, failure_reason)
    SELECT :town, payer_id, 'bill.issued', 'bench:' || :run || ':' || id, '{}',
           CASE WHEN id % 50 = 0 THEN 'failed' ELSE 'sent' END, :start, :start, 1,
           CASE WHEN id % 50 = 0 THEN NULL ELSE CAST(:start AS timestamptz) END,
           CASE WHEN id % 50 = 0 THEN CAST(:start AS timestamptz) END,
           CASE WHEN id % 50 = 0 THEN '业主已删除企业微信好友' END
      FROM bill WHERE bill_run_id = :run ORDER BY id"""
AUDIT = """
    INSERT INTO audit_entry (at, actor_kind, actor_id, actor_name, action, subject, subject_id,
                             detail, previous_hash, hash)
    SELECT received_at, 'staff', :staff, '测速经理', action, subject,
           CASE subject WHEN 'payment' THEN id WHEN 'person' THEN payer_id ELSE :staff END,
           CASE subject WHEN 'person' THEN jsonb_build_object('field', 'phone', 'reason', '测速')
                ELSE '{}' END,
           encode(sha256(convert_to('was' || id, 'UTF8')), 'hex'),
           encode(sha256(convert_to('is' || id, 'UTF8')), 'hex')
      FROM (SELECT p.*, CASE WHEN id % 97 = 0 THEN 'person.reveal' WHEN id % 31 = 0
                   THEN 'desk.sign_in' WHEN id % 1009 = 0 THEN 'people.export'
                   ELSE 'payment.take' END AS action,
                   CASE WHEN id % 97 = 0 THEN 'person' WHEN id % 31 = 0 OR id % 1009 = 0
                   THEN 'staff' ELSE 'payment' END AS subject
              FROM payment p WHERE received_at >= :start AND request_key LIKE :months
                AND community_id = :town) p
     ORDER BY received_at, id"""
READINGS = """
    INSERT INTO meter_reading (meter_id, read_on, value)
    SELECT id, :start, 90 - 3 * :month FROM meter m
     WHERE community_id = :town
       AND NOT EXISTS (SELECT FROM meter_reading r WHERE r.meter_id = m.id AND r.read_on = :start)
     ORDER BY id"""
UNREAD = """
    DELETE FROM meter_reading r USING meter m
     WHERE m.id = r.meter_id AND m.community_id = :town AND read_on >= :last AND m.id % 3 = 0"""
PLACES = """
    INSERT INTO audit_place (entry_id, community_id, action, at)
    SELECT id, :town, action, at FROM audit_entry
     WHERE subject <> 'staff' AND id > coalesce((SELECT max(entry_id) FROM audit_place), 0)
     ORDER BY id"""
OPENING = """
    INSERT INTO audit_entry (at, actor_kind, actor_id, actor_name, action, subject, subject_id,
                             detail, previous_hash, hash)
    SELECT DATE '2020-01-01', 'staff', :staff, '测速经理',
           (ARRAY['person.create', 'room.create'])[1 + id % 2], 'room', id, '{}', 'none',
           encode(sha256(convert_to('opening' || id, 'UTF8')), 'hex')
      FROM room WHERE community_id = :town AND id % 20 = 0 ORDER BY id"""
EVERY_MONTH = (CHUNKS, BILLS, LINES, PAYMENTS, ALLOCATIONS, LETTERS, AUDIT, READINGS)


def add_history(session: Session, town: int, staff_id: int, months: int, last: date) -> None:
    """Issued bills of the `months` up to `last`, three lines each, paid but for the odd one: one
    bill in fifty of older months is still owed, and one in four of the last. With them their
    letters, an audit entry per payment, and readings, of which a third are missing in `last`;
    before them all, the audit of the community's opening.
    """
    here = {"town": town, "staff": staff_id, "last": last}
    session.execute(text(OPENING), here)
    for back in range(months - 1, -1, -1):
        start = add_months(last, -back)
        values = {
            **here, "start": start, "end": add_months(start, 1),
            "due": start.replace(day=25), "month": back, "open": 2 if back else 25,
            "months": f"ZD{start:%Y%m}%",
        }  # fmt: skip
        values["run"] = session.scalar(text(RUN), values)
        for statement in EVERY_MONTH:
            session.execute(text(statement), values)
    for statement in (UNREAD, PLACES):
        session.execute(text(statement), here)
