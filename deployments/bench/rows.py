"""What a bill run wrote, and what writing the same rows costs without the product."""

import time
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillLine
from domain.history.model import StatusChange
from domain.letters.model import Letter

WRITTEN = ("bill", "bill_line", "letter", "status_change")
CHECK = """
SELECT (SELECT count(*) FROM bill), (SELECT sum(total_fen) FROM bill),
       (SELECT count(*) FROM bill_line), (SELECT sum(amount_fen) FROM bill_line),
       (SELECT count(*) FROM letter), (SELECT count(*) FROM status_change)
"""


def written(engine: Engine) -> tuple[int, ...]:
    """Counts and sums by which two ways of writing are compared."""
    with engine.connect() as connection:
        return tuple(int(value or 0) for value in connection.execute(text(CHECK)).one())


def stage(engine: Engine) -> None:
    """Keep what the product wrote aside, as the source of the bare SQL."""
    with engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA stage"))
        for table in WRITTEN:
            connection.execute(text(f"CREATE TABLE stage.{table} AS TABLE {table}"))


def floor(engine: Engine, sample: int) -> float:
    """Seconds per line of a plain ORM loop over some of the bills: add, flush, bill by bill.

    As anywhere, the database numbers the rows: the lines of a bill wait for the bill's id.
    """
    with engine.connect() as connection:
        bills = _mappings(connection, "SELECT * FROM stage.bill ORDER BY id LIMIT :n", n=sample)
        lines = _mappings(
            connection,
            "SELECT * FROM stage.bill_line WHERE bill_id = ANY(:ids) ORDER BY id",
            ids=[bill["id"] for bill in bills],
        )
    by_bill: dict[int, list[dict[str, Any]]] = {bill["id"]: [] for bill in bills}
    for line in lines:
        by_bill[line["bill_id"]].append(line)
    _empty(engine)
    started = time.perf_counter()
    with Session(engine) as session:
        for row in bills:
            _write_one(session, row, by_bill[row["id"]])
        session.commit()
    return (time.perf_counter() - started) / max(1, len(lines))


def _write_one(session: Session, row: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """One bill the way a simple program would do it."""
    bill = Bill(**_unnumbered(row))
    session.add(bill)
    session.flush()
    session.add_all(BillLine(**_unnumbered(line) | {"bill_id": bill.id}) for line in lines)
    session.add(
        StatusChange(
            thing="bill", thing_id=bill.id, verb="issue", from_status="draft",
            to_status="issued", actor_kind="clock", actor_name="bench", at=row["issued_at"],
        )
    )  # fmt: skip
    session.add(
        Letter(
            kind="bill.issued", key=f"floor:{bill.id}", facts={}, person_id=row["payer_id"],
            community_id=row["community_id"], queued_at=row["issued_at"],
            not_before=row["issued_at"],
        )
    )  # fmt: skip
    session.flush()


def _unnumbered(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "id"}


def bare_sql(engine: Engine) -> float:
    """Seconds of bare INSERT ... SELECT of the same rows into the same tables, emptied first."""
    _empty(engine)
    started = time.perf_counter()
    for table in WRITTEN:
        with engine.begin() as connection:
            connection.execute(text(f"INSERT INTO {table} SELECT * FROM stage.{table}"))
    return time.perf_counter() - started


def _empty(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join(WRITTEN)} CASCADE"))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CHECKPOINT"))


def _mappings(connection: Any, sql: str, **values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(text(sql), values).mappings()]
