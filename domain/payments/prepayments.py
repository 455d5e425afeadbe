"""Prepayment accounts: every movement is an entry, the balance is their sum."""

from datetime import datetime

from sqlalchemy import ColumnElement, select, tuple_, union
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from domain.bills.model import Bill
from domain.bills.queries import OWING
from domain.errors import Conflict
from domain.history.actor import Actor
from domain.payments.model import (
    Allocation,
    Payment,
    PrepaymentAccount,
    PrepaymentCause,
    PrepaymentEntry,
)


class BalanceTooSmall(Conflict):
    """The prepayment was used meanwhile."""

    code = "prepayment_too_small"


def account(session: Session, *, community_id: int, person_id: int) -> PrepaymentAccount:
    """The person's account, made if there was none, locked until the transaction ends."""
    session.execute(
        insert(PrepaymentAccount)
        .values(community_id=community_id, person_id=person_id)
        .on_conflict_do_nothing()
    )
    return session.scalars(
        select(PrepaymentAccount)
        .where(
            PrepaymentAccount.community_id == community_id,
            PrepaymentAccount.person_id == person_id,
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def move(
    session: Session,
    into: PrepaymentAccount,
    amount_fen: int,
    *,
    cause: PrepaymentCause,
    by: Actor,
    at: datetime,
    payment_id: int | None = None,
    bill_id: int | None = None,
) -> PrepaymentEntry:
    """Book one movement on a locked account; `amount_fen` > 0 is money in, < 0 money out."""
    if into.balance_fen + amount_fen < 0:
        raise BalanceTooSmall("预存款余额不足", balance_fen=into.balance_fen)
    into.balance_fen += amount_fen
    entry = PrepaymentEntry(
        account_id=into.id,
        cause=cause,
        amount_fen=amount_fen,
        payment_id=payment_id,
        bill_id=bill_id,
        at=at,
        actor_name=by.name,
    )
    session.add(entry)
    session.flush()
    return entry


def opt_in(
    session: Session, *, community_id: int, person_id: int, auto_deduct: bool
) -> PrepaymentAccount:
    """Record whether the owner lets prepayment pay new bills by itself."""
    theirs = account(session, community_id=community_id, person_id=person_id)
    theirs.auto_deduct = auto_deduct
    session.flush()
    return theirs


def lock(session: Session, account_id: int) -> PrepaymentAccount:
    """The account as it stands now, locked until the transaction ends."""
    return session.get_one(
        PrepaymentAccount, account_id, with_for_update=True, populate_existing=True
    )


def lock_of_payers(session: Session, *bills: ColumnElement[bool]) -> None:
    """Lock the accounts that money of these bills would go to, made where there were none, in order.

    Whoever frees the money of many bills asks this first: taking account after account, with audit
    entries in between, would cross a cashier who holds one of them.
    """
    paid = select(Bill.id, Bill.community_id, Bill.payer_id).where(Bill.paid_fen > 0, *bills)
    held = paid.subquery()
    owners = union(
        select(held.c.community_id, held.c.payer_id).where(held.c.payer_id.is_not(None)),
        select(Payment.community_id, Payment.payer_id)
        .join(Allocation, Allocation.payment_id == Payment.id)
        .join(held, held.c.id == Allocation.bill_id)
        .where(held.c.payer_id.is_(None), Payment.payer_id.is_not(None)),
    ).subquery()
    theirs = select(owners.c.community_id, owners.c.payer_id).order_by(owners.c.payer_id)
    session.execute(
        insert(PrepaymentAccount)
        .from_select(["community_id", "person_id"], theirs)
        .on_conflict_do_nothing()
    )
    session.execute(
        select(PrepaymentAccount.id)
        .where(tuple_(PrepaymentAccount.community_id, PrepaymentAccount.person_id).in_(theirs))
        .order_by(PrepaymentAccount.id)
        .with_for_update()
    )


def willing(session: Session, *where: ColumnElement[bool]) -> dict[int, list[int]]:
    """Opted-in accounts with money -> the owing bills (of the set) they may pay, in id order."""
    rows = session.execute(
        select(PrepaymentAccount.id, Bill.id)
        .join(
            Bill,
            (Bill.payer_id == PrepaymentAccount.person_id)
            & (Bill.community_id == PrepaymentAccount.community_id),
        )
        .where(
            PrepaymentAccount.auto_deduct,
            PrepaymentAccount.balance_fen > 0,
            Bill.status.in_(OWING),
            *where,
        )
        .order_by(PrepaymentAccount.id, Bill.id)
    )
    found: dict[int, list[int]] = {}
    for account_id, bill_id in rows:
        found.setdefault(account_id, []).append(bill_id)
    return found
