"""账单: draft, issued, paid in parts, reversed – and nothing in between."""

from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from domain.bills import lines
from domain.bills.model import Bill
from domain.bills.model import BillStatus as S
from domain.bills.queries import OWING
from domain.history import audit
from domain.history.actor import Actor
from domain.payments import allocations
from statemachines.engine import fire, fire_many, lifecycle, locked

BILL = lifecycle(
    "账单",
    Bill,
    statuses={
        S.DRAFT: "草稿",
        S.ISSUED: "待缴",
        S.PARTLY_PAID: "部分缴纳",
        S.PAID: "已缴清",
        S.DISCARDED: "已作废",
        S.WRITTEN_OFF: "已核销坏账",
        S.REVERSED: "已红冲",
    },
    verbs={
        "issue": "出账",
        "discard": "作废",
        "pay_part": "部分收款",
        "pay_off": "收清",
        "unpay_part": "退回部分款项",
        "unpay_all": "退回全部款项",
        "write_off": "核销坏账",
        "reverse": "红冲",
    },
    rows=[
        dict(trigger="issue", source=S.DRAFT, dest=S.ISSUED),
        dict(trigger="discard", source=S.DRAFT, dest=S.DISCARDED),
        dict(trigger="pay_part", source=[S.ISSUED, S.PARTLY_PAID], dest=S.PARTLY_PAID),
        dict(trigger="pay_off", source=[S.ISSUED, S.PARTLY_PAID], dest=S.PAID),
        dict(trigger="unpay_part", source=[S.PARTLY_PAID, S.PAID], dest=S.PARTLY_PAID),
        dict(trigger="unpay_all", source=[S.PARTLY_PAID, S.PAID], dest=S.ISSUED),
        dict(trigger="write_off", source=[S.ISSUED, S.PARTLY_PAID], dest=S.WRITTEN_OFF),
        dict(trigger="reverse", source=[S.ISSUED, S.PARTLY_PAID, S.PAID], dest=S.REVERSED),
    ],
)


def issue_all(
    session: Session, *where: ColumnElement[bool], due_on: date, by: Actor, at: datetime
) -> int:
    """Issue every draft bill of the set; how many."""
    return fire_many(
        session,
        BILL,
        "issue",
        *where,
        by=by,
        at=at,
        also={"due_on": due_on, "issued_at": at},
    )


def close_empty(session: Session, *where: ColumnElement[bool], by: Actor, at: datetime) -> int:
    """Bills of ¥0.00 are paid off as soon as they are issued: nobody is asked for nothing."""
    return fire_many(session, BILL, "pay_off", Bill.total_fen == 0, *where, by=by, at=at)


def discard_all(session: Session, run_id: int, *, by: Actor, at: datetime, note: str) -> int:
    """Throw away the drafts of a run; their lines make room for another run."""
    lines.retire_of_run(session, run_id)
    return fire_many(session, BILL, "discard", Bill.bill_run_id == run_id, by=by, at=at, note=note)


def settle(session: Session, bill: Bill, fen: int, *, by: Actor, at: datetime) -> Bill:
    """Count `fen` (0 < fen <= outstanding) of a locked bill as paid."""
    bill.paid_fen += fen
    verb = "pay_off" if bill.paid_fen == bill.total_fen else "pay_part"
    fire(session, BILL, bill, verb, by=by, at=at)
    return bill


def unsettle(session: Session, bill: Bill, fen: int, *, by: Actor, at: datetime, note: str) -> Bill:
    """Take `fen` of a refunded or bounced payment off a locked bill again."""
    bill.paid_fen -= fen
    verb = "unpay_part" if bill.paid_fen else "unpay_all"
    fire(session, BILL, bill, verb, by=by, at=at, note=note)
    return bill


def reverse(session: Session, bill_id: int, *, by: Actor, at: datetime, note: str) -> Bill:
    """红冲: mirror every line; money that had paid the bill becomes the owner's prepayment."""
    bill: Bill = locked(session, Bill, bill_id)
    allocations.release_to_prepayment(session, bill, by=by, at=at)
    bill.paid_fen = 0
    fire(session, BILL, bill, "reverse", by=by, at=at, note=note)
    lines.mirror(session, Bill.id == bill.id)
    audit.record(
        session, "bill.reverse", subject="bill", subject_id=bill.id, by=by, at=at,
        no=bill.no, total_fen=bill.total_fen, note=note,
    )  # fmt: skip
    return bill


def reverse_unpaid(session: Session, run_id: int, *, by: Actor, at: datetime, note: str) -> int:
    """红冲 every bill of a run that holds no money, as one set; how many."""
    chosen = (Bill.bill_run_id == run_id, Bill.paid_fen == 0, Bill.status.in_(OWING))
    lines.mirror(session, *chosen)
    return fire_many(session, BILL, "reverse", *chosen, by=by, at=at, note=note)
