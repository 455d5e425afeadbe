"""A bill without a payer: nobody was registered to pay on its days when it was made.

Its payer never changes once written (decision 0001): it is reversed, and its month completed, once
somebody is registered.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills.line_model import BillLine
from domain.bills.model import Bill
from domain.bills.queries import OWING
from domain.people.model import Occupancy, Person


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """From which day somebody has to be registered, and who is by now ("" = nobody)."""

    first_on: date
    payer: str


def of(session: Session, bill: Bill) -> Unclaimed | None:
    """What is missing of a bill that is owed by nobody; None for every other."""
    if bill.payer_id is not None or bill.status not in OWING:
        return None
    first, end = session.execute(
        select(func.min(BillLine.period_start), func.max(BillLine.period_end)).where(
            BillLine.bill_id == bill.id
        )
    ).one()
    since = first or bill.period_start
    payer = session.scalar(
        select(Person.name)
        .join(Occupancy, Occupancy.person_id == Person.id)
        .where(
            Occupancy.room_id == bill.room_id, Occupancy.is_payer,
            Occupancy.from_on < (end or bill.period_end),
            Occupancy.to_on.is_(None) | (Occupancy.to_on > since),
        )
        .order_by(Occupancy.from_on)
        .limit(1)
    )  # fmt: skip
    return Unclaimed(since, payer or "")
