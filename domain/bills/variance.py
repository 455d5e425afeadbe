"""What a manager wants to know before approving: this run beside the last period."""

from typing import Any

from sqlalchemy.orm import Session

from domain.bills.model import BillRun


def summarize(session: Session, run: BillRun) -> dict[str, Any]:
    return {}
