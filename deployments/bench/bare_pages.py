"""Bare SQL for what some pages show: written by hand, as short as the facts allow.

The first value that the last statement of a page finds must stand on the page.
"""

WHO = """
    SELECT d.id, d.form_key, d.seen_at, s.name FROM desk_session d JOIN staff s ON s.id = d.staff_id
     WHERE d.staff_id = :staff ORDER BY d.id DESC LIMIT 1"""
MAY = """
    SELECT r.name, r.permissions, sr.community_id, sr.building_id
      FROM role r JOIN staff_role sr ON sr.role_id = r.id WHERE sr.staff_id = :staff"""
PLACES = "SELECT id, name FROM community ORDER BY name"
DESK = (WHO, MAY, PLACES)
BUILDINGS = """
    SELECT b.id, c.name, b.name FROM building b JOIN community c ON c.id = b.community_id
     ORDER BY c.name, length(b.code), b.code LIMIT 500"""
ROOMS = """
    SELECT r.code, r.id, r.kind, b.name, c.name, r.handover_on,
           (SELECT built_area FROM room_area a WHERE a.room_id = r.id AND a.from_on <= :on
               AND (a.to_on IS NULL OR a.to_on > :on)),
           EXISTS (SELECT FROM room_vacancy v WHERE v.room_id = r.id AND v.from_on <= :on
                      AND (v.to_on IS NULL OR v.to_on > :on))
      FROM room r JOIN building b ON b.id = r.building_id JOIN community c ON c.id = r.community_id
     ORDER BY r.community_id, r.code LIMIT 50"""
METERS = """
    SELECT m.serial, m.id, m.kind, r.code, b.name, c.name, l.read_on, l.value
      FROM room r JOIN meter m ON m.room_id = r.id JOIN building b ON b.id = r.building_id
      JOIN community c ON c.id = r.community_id
      LEFT JOIN LATERAL (SELECT read_on, value FROM meter_reading x WHERE x.meter_id = m.id
                          ORDER BY read_on DESC LIMIT 1) l ON true
     WHERE m.from_on <= :on AND (m.to_on IS NULL OR m.to_on > :on)
     ORDER BY r.community_id, r.code, m.kind LIMIT 50"""
PEOPLE = """
    SELECT p.name, p.id, p.phone_masked, c.name,
           (SELECT string_agg(r.code, ' ') FROM occupancy o JOIN room r ON r.id = o.room_id
             WHERE o.person_id = p.id AND (o.to_on IS NULL OR o.to_on > :on)),
           (SELECT sum(total_fen - paid_fen) FROM bill b WHERE b.payer_id = p.id
               AND b.status IN ('issued', 'partly_paid')),
           EXISTS (SELECT FROM person_channel w WHERE w.person_id = p.id AND broken_reason IS NULL)
      FROM person p JOIN community c ON c.id = p.community_id ORDER BY p.id DESC LIMIT 50"""
BILLS = """
    SELECT b.no, b.*, r.code, p.name, c.name FROM bill b JOIN room r ON r.id = b.room_id
      LEFT JOIN person p ON p.id = b.payer_id JOIN community c ON c.id = b.community_id"""
NEWEST_BILLS = f"{BILLS} ORDER BY b.period_start DESC, b.id DESC LIMIT 50"
LATE = "b.status IN ('issued', 'partly_paid') AND b.due_on < :on"
LATE_BILLS = f"{BILLS} WHERE {LATE} ORDER BY b.due_on, b.id LIMIT 50"
MONTHS = "SELECT DISTINCT period_start FROM bill_run ORDER BY 1 DESC"
PAYMENTS = """
    SELECT p.receipt_no, p.*, s.name, o.name, c.name,
           (SELECT string_agg(DISTINCT r.code, ' ') FROM allocation a JOIN bill b ON b.id = a.bill_id
              JOIN room r ON r.id = b.room_id WHERE a.payment_id = p.id)
      FROM payment p LEFT JOIN staff s ON s.id = p.received_by LEFT JOIN person o ON o.id = p.payer_id
      JOIN community c ON c.id = p.community_id WHERE p.receipt_no IS NOT NULL
     ORDER BY p.received_at DESC, p.id DESC LIMIT 50"""
LETTERS = """
    SELECT p.name, l.id, l.kind, l.status, c.name, l.queued_at, l.tries, l.failure_reason
      FROM letter l LEFT JOIN person p ON p.id = l.person_id
      LEFT JOIN community c ON c.id = l.community_id
     WHERE l.status = 'failed' ORDER BY l.id DESC LIMIT 50"""
KINDS = """
    WITH RECURSIVE k AS (
        SELECT min(kind) AS kind FROM letter
         UNION ALL SELECT (SELECT min(kind) FROM letter WHERE kind > k.kind) FROM k
                    WHERE k.kind IS NOT NULL)
    SELECT kind FROM k WHERE kind IS NOT NULL"""
TO_PRESS = """
    SELECT sender_userid, count(DISTINCT receiver), min(at) FROM letter_attempt
     WHERE outcome = 'awaiting_staff' GROUP BY 1"""
AUDIT = """
    SELECT e.actor_name, e.*, p.receipt_no FROM audit_entry e
      LEFT JOIN payment p ON e.subject = 'payment' AND p.id = e.subject_id
     ORDER BY e.id DESC LIMIT 50"""
OWNER = """
    SELECT c.name, p.name, p.id, k.name FROM person p JOIN community c ON c.id = p.community_id
      JOIN company k ON k.id = c.company_id WHERE p.id = :person"""
OWNED = """
    SELECT r.code, b.* FROM bill b JOIN room r ON r.id = b.room_id WHERE b.payer_id = :person
       AND b.status IN ('issued', 'partly_paid', 'paid', 'reversed')
     ORDER BY b.period_start DESC LIMIT 24"""
PREPAID = "SELECT balance_fen, auto_deduct FROM prepayment_account WHERE person_id = :person"


def some(table: str, where: str = "true") -> str:
    """A count that stops where lists stop counting."""
    return f"SELECT count(*) FROM (SELECT FROM {table} WHERE {where} LIMIT 10000) x"


BARE = {
    "/desk/rooms": (*DESK, BUILDINGS, some("room"), ROOMS),
    "/desk/meters": (*DESK, BUILDINGS, some("meter"), METERS),
    "/desk/people": (*DESK, some("person"), PEOPLE),
    "/desk/bills": (*DESK, MONTHS, some("bill"), NEWEST_BILLS),
    "/desk/bills?late=yes": (*DESK, MONTHS, some("bill b", LATE), LATE_BILLS),
    "/desk/payments": (*DESK, some("payment"), PAYMENTS),
    "/desk/letters": (
        *DESK,
        KINDS,
        TO_PRESS,
        some("letter", "status = 'failed'"),
        some("letter", "status <> 'failed'"),
        LETTERS,
    ),
    "/desk/audit": (WHO, MAY, some("audit_entry"), AUDIT),
    "owner": (PREPAID, OWNED, OWNER),
}
"""Address (or the owner's page) -> the statements that find what stands there."""
