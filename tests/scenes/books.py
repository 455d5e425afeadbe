"""What the database says, to hold against what people see."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import psycopg2.extras

from deployments.stack.databases import embedded_url
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres

BILLS_OF_A_PHONE = """
    SELECT bill.id, bill.no, room.code AS room, bill.total_fen, bill.paid_fen
    FROM person_channel contact
    JOIN bill ON bill.payer_id = contact.person_id
    JOIN room ON room.id = bill.room_id
    WHERE contact.external_userid = %s AND bill.status <> 'draft'
    ORDER BY bill.id
"""
LINES_OF_A_BILL = """
    SELECT item.name AS title, line.amount_fen
    FROM bill_line line JOIN fee_item item ON item.id = line.fee_item_id
    WHERE line.bill_id = %s AND line.live
"""
COUNTS = """
    SELECT (SELECT count(*) FROM room) AS rooms,
           (SELECT count(*) FROM person) AS people,
           (SELECT count(*) FROM meter_reading) AS readings,
           (SELECT count(*) FROM bill) AS bills,
           (SELECT count(DISTINCT payer_id) FROM bill) AS payers,
           (SELECT count(*) FROM letter WHERE kind = 'bill.issued') AS letters,
           (SELECT count(DISTINCT person_id) FROM letter WHERE kind = 'bill.issued') AS told,
           (SELECT sum(total_fen) FROM bill) AS billed_fen
"""


def ask(home: Home, question: str, *values: object) -> list[dict[str, Any]]:
    """Rows of the business database."""
    with closing(psycopg2.connect(embedded_url(home, "wuye"))) as connection:
        with connection.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
            cursor.execute(question, values)
            return [dict(row) for row in cursor.fetchall()]


def counts(home: Home) -> dict[str, int]:
    """How many there are of everything that must not be doubled."""
    return {name: int(value) for name, value in ask(home, COUNTS)[0].items()}


@contextmanager
def reopened(home: Home) -> Iterator[None]:
    """The database alone, after everything was stopped."""
    server = EmbeddedPostgres(home)
    server.ensure_running()
    try:
        yield
    finally:
        server.stop()


def yuan(fen: int) -> str:
    """`¥1,234.56`, written here once more: the pages are not to be checked with their own words."""
    return f"¥{fen // 100:,}.{fen % 100:02d}"
