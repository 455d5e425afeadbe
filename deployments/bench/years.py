"""Months of bills, payments and letters for a town, by set-based statements: for measuring screens.

Foreign keys are not checked while filling (`session_replication_role`): the statements are right by
construction, and checking a few million rows would take longer than measuring.
"""

from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.fees.calc.periods import add_months

LAST = date(2026, 11, 1)
LETTER_MONTHS = 3

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
    INSERT INTO payment (community_id, payer_id, receipt_no, request_key, method, amount_fen,
                         status, received_at, received_by)
    SELECT :town, payer_id, 'SJ' || substr(no, 3), no, 'transfer', total_fen, 'paid',
           CAST(:start AS timestamptz) + (room_id % 40) * interval '11 hours', :staff
      FROM bill WHERE bill_run_id = :run AND status = 'paid' ORDER BY id"""
ALLOCATIONS = """
    INSERT INTO allocation (bill_id, payment_id, amount_fen, at, actor_name)
    SELECT b.id, p.id, b.total_fen, p.received_at, '测速'
      FROM bill b JOIN payment p ON p.request_key = b.no WHERE b.bill_run_id = :run ORDER BY b.id"""
LETTERS = """
    INSERT INTO letter (community_id, person_id, kind, key, facts, status, queued_at, not_before,
                        tries, sent_at, failed_at, failure_reason)
    SELECT :town, payer_id, 'bill.issued', 'bench:' || :run || ':' || id, '{}',
           CASE WHEN id % 50 = 0 THEN 'failed' ELSE 'sent' END, :start, :start, 1,
           CASE WHEN id % 50 = 0 THEN NULL ELSE CAST(:start AS timestamptz) END,
           CASE WHEN id % 50 = 0 THEN CAST(:start AS timestamptz) END,
           CASE WHEN id % 50 = 0 THEN '业主已删除企业微信好友' END
      FROM bill WHERE bill_run_id = :run ORDER BY id"""


def add_history(session: Session, town: int, staff_id: int, months: int) -> None:
    """Issued bills of the `months` up to November 2026, three lines each, paid but for the odd one.

    One bill in fifty of older months is still owed, and one in four of the last.
    """
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text("SET LOCAL synchronous_commit = off"))
    for back in range(months - 1, -1, -1):
        start = add_months(LAST, -back)
        values = {
            "town": town, "staff": staff_id, "start": start, "end": add_months(start, 1),
            "due": start.replace(day=25), "month": back, "open": 2 if back else 25,
        }  # fmt: skip
        values["run"] = session.scalar(text(RUN), values)
        newest = (LETTERS,) if back < LETTER_MONTHS else ()
        for statement in (CHUNKS, BILLS, LINES, PAYMENTS, ALLOCATIONS, *newest):
            session.execute(text(statement), values)
    session.execute(text("SET LOCAL session_replication_role = origin"))
    session.execute(text("ANALYZE"))
