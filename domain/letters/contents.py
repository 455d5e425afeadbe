"""What letters say, as it stands when they are written: facts by kind, looked up for a whole batch.

A letter whose matter is over (the bill reversed, the run decided) is not among the answers: nobody
needs to hear of it any more. Names go no further than the message, which masks them.
"""

from collections.abc import Callable, Collection, Iterable
from itertools import groupby
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from domain.bills import report
from domain.bills.model import Bill, BillRun, BillRunStatus, BillStatus
from domain.bills.queries import OWING
from domain.bills.report import RunReport
from domain.company.model import Community, Company
from domain.company.queries import SENDER
from domain.letters.model import Letter
from domain.letters.rack import Due
from domain.payments.model import (
    Allocation,
    Payment,
    PaymentStatus,
    PrepaymentCause,
    PrepaymentEntry,
)
from domain.people.model import Person, PersonChannel, PersonKind
from domain.rooms.model import Room

Facts = dict[int, dict[str, Any]]
STANDING = (*OWING, BillStatus.PAID)


def look_up(session: Session, letters: Iterable[Due]) -> Facts:
    """The facts of each letter that still has something to say, by letter id.

    LookupError for a kind nobody can write.
    """
    found: Facts = {}
    for kind, group in groupby(sorted(letters, key=lambda one: one.kind), lambda one: one.kind):
        found |= CONTENTS[kind](session, list(group))
    return found


def bill_issued(session: Session, letters: Collection[Due]) -> Facts:
    """The owner's standing bills of the run, with what prepayment or the counter took already."""
    prepaid = (
        select(func.coalesce(func.sum(Allocation.amount_fen), 0))
        .where(Allocation.bill_id == Bill.id, Allocation.prepayment_entry_id.is_not(None))
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Letter.id, Person.name, Person.kind, Community.name, BillRun.period_start,
            func.min(Room.code), func.count(), func.sum(Bill.total_fen),
            func.sum(Bill.paid_fen), func.sum(prepaid), func.max(Bill.due_on), SENDER,
        )
        .join(Person, Person.id == Letter.person_id)
        .join(Bill, Bill.payer_id == Letter.person_id)
        .join(BillRun, BillRun.id == Bill.bill_run_id)
        .join(Community, Community.id == BillRun.community_id)
        .join(Company, Company.id == Community.company_id)
        .join(Room, Room.id == Bill.room_id)
        .where(
            Letter.id.in_([letter.id for letter in letters]),
            Bill.bill_run_id == Letter.facts["run"].as_integer(),
            Bill.status.in_(STANDING),
            Bill.total_fen > 0,
        )
        .group_by(Letter.id, Person.id, Community.id, Company.id, BillRun.id)
    )  # fmt: skip
    return {
        letter_id: {
            "name": name, "company": kind is PersonKind.COMPANY, "community": community,
            "period": f"{month:%Y-%m}", "room": room, "bills": bills, "total_fen": int(total),
            "paid_fen": int(prepaid_fen), "received_fen": int(paid - prepaid_fen), "due_on": due_on,
            "sender": sender,
        }
        for (letter_id, name, kind, community, month, room, bills, total, paid, prepaid_fen, due_on,
             sender)
        in rows
    }  # fmt: skip


def payment_received(session: Session, letters: Collection[Due]) -> Facts:
    """A payment that stands: what it paid, what it left, what became prepayment."""
    standing = (PaymentStatus.PAID, PaymentStatus.PARTLY_REFUNDED)
    other = aliased(Bill)
    owed = (
        select(func.coalesce(func.sum(other.total_fen - other.paid_fen), 0))
        .where(other.payer_id == Letter.person_id, other.status.in_(OWING))
        .scalar_subquery()
    )
    kept = (
        select(func.coalesce(func.sum(PrepaymentEntry.amount_fen), 0))
        .where(
            PrepaymentEntry.payment_id == Payment.id,
            PrepaymentEntry.cause == PrepaymentCause.OVERPAID,
        )
        .scalar_subquery()
    )
    room = (
        select(func.min(Room.code))
        .join(Bill, Bill.room_id == Room.id)
        .join(Allocation, Allocation.bill_id == Bill.id)
        .where(Allocation.payment_id == Payment.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            Letter.id, Person.name, Person.kind, Community.name, room, Payment.amount_fen,
            Payment.received_at, Payment.receipt_no, owed, kept, SENDER,
        )
        .join(Payment, Payment.id == Letter.facts["payment"].as_integer())
        .join(Person, Person.id == Letter.person_id)
        .join(Community, Community.id == Payment.community_id)
        .join(Company, Company.id == Community.company_id)
        .where(Letter.id.in_([one.id for one in letters]), Payment.status.in_(standing))
    )  # fmt: skip
    return {
        letter_id: {
            "name": name, "company": kind is PersonKind.COMPANY, "community": community,
            "room": code or "", "amount_fen": amount, "paid_at": paid_at, "receipt_no": receipt,
            "open_fen": int(owed_fen), "prepaid_fen": int(kept_fen), "sender": sender,
        }
        for (letter_id, name, kind, community, code, amount, paid_at, receipt, owed_fen, kept_fen,
             sender)
        in rows
    }  # fmt: skip


def awaiting_approval(session: Session, letters: Collection[Due]) -> Facts:
    """The drafts of a run that still waits for its decision."""
    runs = _runs(session, letters)
    return {
        letter.id: {
            "community": run.community, "period": run.month, "bills": run.bills,
            "total_fen": run.total_fen, "attention": run.anomalies,
            "previous_fen": (run.summary.get("last") or {}).get("total_fen", 0),
        }
        for letter in letters
        if (run := runs[letter.facts["run"]]).status == BillRunStatus.AWAITING_APPROVAL
    }  # fmt: skip


def run_issued(session: Session, letters: Collection[Due]) -> Facts:
    """An issued run: who will hear of it, and who cannot."""
    runs = _runs(session, letters)
    return {
        letter.id: {
            "community": run.community, "period": run.month, "bills": run.bills,
            "total_fen": run.total_fen, "letters": run.letters,
            "unreachable": _unreachable(session, run.run),
        }
        for letter in letters
        if (run := runs[letter.facts["run"]]).status == BillRunStatus.ISSUED
    }  # fmt: skip


def as_queued(_session: Session, letters: Collection[Due]) -> Facts:
    """Letters that hold all they say."""
    return {letter.id: dict(letter.facts) for letter in letters}


CONTENTS: dict[str, Callable[[Session, Collection[Due]], Facts]] = {
    "bill.issued": bill_issued,
    "payment.received": payment_received,
    "bill_run.awaiting_approval": awaiting_approval,
    "bill_run.issued": run_issued,
    "letters.dead": as_queued,
    "letters.press_send": as_queued,
}


def _runs(session: Session, letters: Collection[Due]) -> dict[int, RunReport]:
    return {run: report.of(session, run) for run in {one.facts["run"] for one in letters}}


def _unreachable(session: Session, run_id: int) -> int:
    """Payers of a run who have no working contact."""
    reached = (
        select(PersonChannel.id)
        .where(PersonChannel.person_id == Bill.payer_id, PersonChannel.broken_reason.is_(None))
        .exists()
    )
    count = session.scalar(
        select(func.count(Bill.payer_id.distinct())).where(
            Bill.bill_run_id == run_id, Bill.status.in_(STANDING), Bill.total_fen > 0, ~reached
        )
    )
    return count or 0
