"""Prepayment paying new bills, where the owner has opted in."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from domain.bills import queries
from domain.history.actor import Actor
from domain.payments import allocations, prepayments
from domain.payments.model import PrepaymentCause
from statemachines import bill


def pay_new_bills(session: Session, *where: ColumnElement[bool], by: Actor, at: datetime) -> int:
    """Let opted-in prepayments pay the issued bills of the set, oldest bill first; fen used."""
    used = 0
    for account_id, bill_ids in prepayments.willing(session, *where).items():
        theirs = prepayments.lock(session, account_id)
        for owed in queries.lock_all(session, bill_ids):
            fen = min(theirs.balance_fen, owed.total_fen - owed.paid_fen)
            if fen <= 0:
                break
            entry = prepayments.move(
                session, theirs, -fen,
                cause=PrepaymentCause.BILL_PAID, by=by, at=at, bill_id=owed.id,
            )  # fmt: skip
            allocations.allocate(session, owed, fen, by=by, at=at, entry=entry)
            bill.settle(session, owed, fen, by=by, at=at)
            used += fen
    return used
