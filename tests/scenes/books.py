"""What the database says, to hold against what people see."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
import psycopg2.extras

from deployments.stack.databases import BUSINESS, embedded_url
from deployments.stack.home import Home
from deployments.stack.postgres import EmbeddedPostgres

BILL_OF_ALL_KINDS = """
    SELECT bill.id, bill.no, room.code AS room, bill.total_fen, contact.external_userid AS phone
    FROM bill
    JOIN room ON room.id = bill.room_id
    JOIN person_channel contact ON contact.person_id = bill.payer_id
    JOIN bill_line line ON line.bill_id = bill.id AND line.live
    WHERE bill.status = 'issued'
    GROUP BY bill.id, room.id, contact.id
    HAVING count(*) = 3 AND max(jsonb_array_length(line.detail -> 'tiers')) > 1
    ORDER BY bill.id
    LIMIT 1
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


def ask(
    home: Home, question: str, *values: object, database: str = BUSINESS
) -> list[dict[str, Any]]:
    """Rows of the business database, or of another."""
    as_dicts = psycopg2.extras.RealDictCursor
    url = embedded_url(home, database)
    with (
        closing(psycopg2.connect(url, cursor_factory=as_dicts)) as connection,
        connection.cursor() as cursor,
    ):
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
