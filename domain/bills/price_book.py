"""The price book of a run: items, tariffs, tiers, tax rates and shared costs, frozen at its start."""

from typing import Any

from sqlalchemy.orm import Session

from domain.bills.model import BillRun


def freeze(session: Session, run: BillRun) -> dict[str, Any]:
    return {}
