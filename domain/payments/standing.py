"""Money that stands on bills."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills.model import Bill


def held_by_run(session: Session, run_id: int) -> tuple[int, int]:
    """(bills that hold money, fen they hold) of a run."""
    count, fen = session.execute(
        select(func.count(), func.coalesce(func.sum(Bill.paid_fen), 0)).where(
            Bill.bill_run_id == run_id, Bill.paid_fen > 0
        )
    ).one()
    return int(count), int(fen)
