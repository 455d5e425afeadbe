"""Money invariants over the whole database, each one query that must return no row.

A check is a name, a Chinese sentence, and SQL giving (subject, expected_fen, found_fen) per breach.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One invariant."""

    name: str
    sentence: str
    sql: str


CHECKS = (
    Check(
        "bill_lines",
        "账单总额等于明细之和",
        """SELECT b.no, CASE WHEN b.status = 'reversed' THEN 0 ELSE b.total_fen END, l.fen
        FROM bill b JOIN (
            SELECT b.id, coalesce(sum(l.amount_fen), 0) AS fen
            FROM bill b LEFT JOIN bill_line l ON l.bill_id = b.id GROUP BY 1) l ON l.id = b.id
        WHERE l.fen <> CASE WHEN b.status = 'reversed' THEN 0 ELSE b.total_fen END""",
    ),
    Check(
        "bill_paid",
        "账单已缴金额等于核销之和",
        """SELECT b.no, b.paid_fen, coalesce(a.fen, 0) FROM bill b
        LEFT JOIN (SELECT bill_id, sum(amount_fen) AS fen FROM allocation GROUP BY 1) a
            ON a.bill_id = b.id
        WHERE b.paid_fen <> coalesce(a.fen, 0)""",
    ),
    Check(
        "payment_spent",
        "每笔收款都有去处：核销的加上转预存的等于收到的",
        """SELECT p.receipt_no, p.amount_fen, coalesce(a.fen, 0) + coalesce(e.fen, 0) FROM payment p
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM allocation
                   WHERE releases_id IS NULL GROUP BY 1) a ON a.payment_id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM prepayment_entry
                   WHERE cause = 'overpaid' GROUP BY 1) e ON e.payment_id = p.id
        WHERE p.status IN ('paid', 'partly_refunded', 'refunded')
          AND p.amount_fen <> coalesce(a.fen, 0) + coalesce(e.fen, 0)""",
    ),
    Check(
        "payment_returned",
        "全额退款的收款不再占用任何账单或预存款",
        """SELECT p.receipt_no, 0, coalesce(a.fen, 0) + coalesce(e.fen, 0) FROM payment p
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM allocation GROUP BY 1) a
            ON a.payment_id = p.id
        LEFT JOIN (SELECT payment_id, sum(amount_fen) AS fen FROM prepayment_entry GROUP BY 1) e
            ON e.payment_id = p.id
        WHERE p.status = 'refunded' AND coalesce(a.fen, 0) + coalesce(e.fen, 0) <> 0""",
    ),
    Check(
        "payment_unborn",
        "未到账的收款没有核销",
        """SELECT p.request_key, 0, sum(a.amount_fen) FROM payment p
        JOIN allocation a ON a.payment_id = p.id
        WHERE p.status IN ('created', 'pending', 'closed', 'failed') GROUP BY 1""",
    ),
    Check(
        "release",
        "每次退回的金额等于当初核销的金额",
        """SELECT r.id::text, -o.amount_fen, r.amount_fen FROM allocation r
        JOIN allocation o ON o.id = r.releases_id
        WHERE r.amount_fen <> -o.amount_fen OR r.bill_id <> o.bill_id""",
    ),
    Check(
        "prepayment_balance",
        "预存款余额等于流水之和",
        """SELECT a.id::text, coalesce(e.fen, 0), a.balance_fen FROM prepayment_account a
        LEFT JOIN (SELECT account_id, sum(amount_fen) AS fen FROM prepayment_entry GROUP BY 1) e
            ON e.account_id = a.id
        WHERE a.balance_fen <> coalesce(e.fen, 0)""",
    ),
    Check(
        "prepayment_spent",
        "预存款支出都核销到了账单",
        """SELECT e.id::text, -e.amount_fen, coalesce(a.fen, 0) FROM prepayment_entry e
        LEFT JOIN (SELECT prepayment_entry_id, sum(amount_fen) AS fen FROM allocation
                   WHERE releases_id IS NULL GROUP BY 1) a ON a.prepayment_entry_id = e.id
        WHERE e.cause = 'bill_paid' AND -e.amount_fen <> coalesce(a.fen, 0)""",
    ),
    Check(
        "prepayment_freed",
        "红冲退回的款项都进了预存款",
        """SELECT b.no, -coalesce(r.fen, 0), coalesce(e.fen, 0) FROM bill b
        LEFT JOIN (SELECT bill_id, sum(amount_fen) AS fen FROM prepayment_entry
                   WHERE cause = 'bill_reversed' GROUP BY 1) e ON e.bill_id = b.id
        LEFT JOIN (SELECT al.bill_id, sum(al.amount_fen) AS fen FROM allocation al
                   LEFT JOIN payment p ON p.id = al.payment_id
                   WHERE al.releases_id IS NOT NULL AND p.status IS DISTINCT FROM 'refunded'
                   GROUP BY 1) r ON r.bill_id = b.id
        WHERE coalesce(e.fen, 0) <> -coalesce(r.fen, 0)""",
    ),
    Check(
        "cash",
        "收到的钱 = 账单已缴 + 预存款余额 + 已退款",
        """SELECT 'all', p.fen, b.fen + a.fen FROM
            (SELECT coalesce(sum(amount_fen), 0) AS fen FROM payment
             WHERE status IN ('paid', 'partly_refunded')) p,
            (SELECT coalesce(sum(paid_fen), 0) AS fen FROM bill) b,
            (SELECT coalesce(sum(balance_fen), 0) AS fen FROM prepayment_account) a
        WHERE p.fen <> b.fen + a.fen""",
    ),
    Check(
        "bill_history",
        "账单状态与变更记录一致",
        """SELECT b.no, 0, 0 FROM bill b
        LEFT JOIN LATERAL (SELECT to_status FROM status_change
            WHERE thing = 'bill' AND thing_id = b.id ORDER BY id DESC LIMIT 1) h ON true
        WHERE b.status <> coalesce(h.to_status, 'draft')""",
    ),
    Check(
        "payment_history",
        "收款状态与变更记录一致",
        """SELECT p.request_key, 0, 0 FROM payment p
        LEFT JOIN LATERAL (SELECT to_status FROM status_change
            WHERE thing = 'payment' AND thing_id = p.id ORDER BY id DESC LIMIT 1) h ON true
        WHERE p.status <> coalesce(h.to_status, 'created')""",
    ),
    Check(
        "approved",
        "出账的总额正是批准的总额",
        """SELECT r.id::text, d.total_fen, b.fen FROM bill_run r
        JOIN bill_run_decision d ON d.bill_run_id = r.id AND d.decision = 'approve'
        JOIN LATERAL (SELECT coalesce(sum(total_fen), 0) AS fen FROM bill
            WHERE bill_run_id = r.id AND status <> 'discarded') b ON true
        WHERE r.status = 'issued' AND b.fen <> d.total_fen""",
    ),
    Check(
        "told_once",
        "一位缴费人在一批账单里最多一条消息",
        """SELECT l.key, 1, count(*) FROM letter l WHERE l.kind = 'bill.issued'
        GROUP BY l.key HAVING count(*) > 1""",
    ),
)
