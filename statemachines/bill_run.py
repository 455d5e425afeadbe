"""出账批次: drafted by the clock, approved by a person, issued once."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from domain import clock
from domain.bills import (
    chunks,
    decisions,
    letters,
    missing,
    price_book,
    queries,
    runs,
    variance,
)
from domain.bills.model import Bill, BillRun, BillRunChunk, BillRunDecision, Decision
from domain.bills.model import BillRunStatus as S
from domain.company.model import Community
from domain.errors import Conflict, NotAllowedNow
from domain.history import audit
from domain.history.actor import Actor
from domain.payments import prepayments
from domain.payments.standing import held_by_run
from statemachines import bill, letter, prepayment
from statemachines.engine import fire, lifecycle, locked


class MoneyMoved(Conflict):
    """A cashier took or gave back money of these bills meanwhile."""

    code = "money_moved"


BILL_RUN = lifecycle(
    "出账批次",
    BillRun,
    statuses={
        S.CREATED: "已建立",
        S.DRAFTING: "计算中",
        S.AWAITING_APPROVAL: "待审批",
        S.APPROVED: "已批准",
        S.ISSUING: "出账中",
        S.ISSUED: "已出账",
        S.REJECTED: "已驳回",
        S.REVERSED: "已红冲",
    },
    verbs={
        "draft": "开始计算",
        "submit": "提交审批",
        "approve": "批准",
        "reject": "驳回",
        "start_issue": "开始出账",
        "finish": "完成出账",
        "reverse": "整批红冲",
    },
    rows=[
        dict(trigger="draft", source=S.CREATED, dest=S.DRAFTING),
        dict(trigger="submit", source=S.DRAFTING, dest=S.AWAITING_APPROVAL),
        dict(trigger="approve", source=S.AWAITING_APPROVAL, dest=S.APPROVED),
        dict(trigger="reject", source=[S.DRAFTING, S.AWAITING_APPROVAL], dest=S.REJECTED),
        dict(trigger="start_issue", source=S.APPROVED, dest=S.ISSUING),
        dict(trigger="finish", source=S.ISSUING, dest=S.ISSUED),
        dict(trigger="reverse", source=S.ISSUED, dest=S.REVERSED),
    ],
)


def open_run(
    session: Session, *, community_id: int, month: date, by: Actor, at: datetime
) -> BillRun:
    """The live run of this community and month (its first day), made if there was none.

    Two at once get the same one.
    """
    runs.hold(session, community_id=community_id, month=month)
    live = queries.live_run(session, community_id=community_id, period_start=month)
    if live is not None:
        return live
    run = runs.create(session, community_id=community_id, month=month, at=at)
    audit.record(
        session, "bill_run.open", subject="bill_run", subject_id=run.id, by=by, at=at,
        month=month.isoformat(),
    )  # fmt: skip
    return run


def begin(session: Session, run_id: int, *, by: Actor, at: datetime) -> BillRun:
    """Freeze the price book, cut the run into chunks, start drafting. Again: changes nothing."""
    run: BillRun = locked(session, BillRun, run_id)
    if run.status == S.CREATED:
        run.price_book = price_book.freeze(session, run)
        run.frozen_at = at
        chunks.plan(session, run, only=missing.rooms(session, run) if run.supplements_id else None)
        fire(session, BILL_RUN, run, "draft", by=by, at=at)
    return run


def submit(session: Session, run_id: int, *, by: Actor, at: datetime) -> BillRun:
    """Hand the finished drafts with their figures to the people who may decide."""
    run: BillRun = locked(session, BillRun, run_id)
    if run.status not in (S.CREATED, S.DRAFTING):  # another worker was faster
        return run
    if chunks.undrafted(session, run.id):
        raise NotAllowedNow("还有账单没有算完，不能提交审批", run=run.id)
    run.summary = variance.summarize(session, run)
    fire(session, BILL_RUN, run, "submit", by=by, at=at)
    letters.ask_approvers(session, run, at=at)
    return run


def decide(
    session: Session,
    run_id: int,
    decision: Decision,
    *,
    by: Actor,
    at: datetime,
    note: str | None = None,
) -> BillRunDecision:
    """Take a person's word: approve makes the run ready to issue, reject discards its drafts."""
    run: BillRun = locked(session, BillRun, run_id)
    word = decisions.write(session, run, decision, by=by, at=at, note=note)
    fire(session, BILL_RUN, run, decision.value, by=by, at=at, note=note)
    if decision == Decision.REJECT:
        bill.discard_all(session, run.id, by=by, at=at, note="批次被驳回")
    audit.record(
        session, f"bill_run.{decision.value}", subject="bill_run", subject_id=run.id, by=by, at=at,
        bills=word.bills, total_fen=word.total_fen, note=note,
    )  # fmt: skip
    return word


def start_issue(session: Session, run_id: int, *, by: Actor, at: datetime) -> BillRun:
    """Set the due date and open the issuing of exactly what was approved."""
    run: BillRun = locked(session, BillRun, run_id)
    if run.status == S.APPROVED:
        decisions.check_unchanged(session, run.id)
        community = session.get_one(Community, run.community_id)
        run.due_on = clock.local_day(at) + timedelta(days=community.bill_due_days)
        fire(session, BILL_RUN, run, "start_issue", by=by, at=at)
    return run


def issue_chunk(session: Session, chunk_id: int, *, by: Actor, at: datetime) -> int:
    """Issue the drafts of one chunk and let opted-in prepayments pay them; how many bills."""
    chunk: BillRunChunk = locked(session, BillRunChunk, chunk_id)
    if chunk.issued_at is not None:
        return 0
    run = session.get_one(BillRun, chunk.bill_run_id, with_for_update={"read": True})
    if run.status != S.ISSUING or run.due_on is None:
        raise NotAllowedNow("这批账单没有在出账，不能继续", run=run.id, status=run.status.value)
    mine = (Bill.bill_run_id == run.id, chunks.holds(chunk, Bill.room_id))
    issued = bill.issue_all(session, *mine, due_on=run.due_on, by=by, at=at)
    bill.close_empty(session, *mine, by=by, at=at)
    prepayment.pay_new_bills(session, *mine, by=by, at=at)
    session.refresh(chunk)
    chunk.issued_at = at
    return issued


def tell(session: Session, run_id: int, part: int, parts: int, *, at: datetime) -> int:
    """Queue the letters of one part of a large run's payers, ahead of its end; how many.

    Two parts may be told at once: they only keep the run from moving on.
    """
    run = session.get_one(BillRun, run_id, with_for_update={"read": True}, populate_existing=True)
    if run.status == S.ISSUED:  # another worker was faster
        return 0
    _require_all_issued(session, run)
    return letters.tell_payers(session, run, at=at, part=part, parts=parts)


def finish(session: Session, run_id: int, *, by: Actor, at: datetime) -> BillRun:
    """Close an issued run, with a letter for every payer who has none yet, in one commit."""
    run: BillRun = locked(session, BillRun, run_id)
    if run.status == S.ISSUED:
        return run
    _require_all_issued(session, run)
    run.issued_at = at
    fire(session, BILL_RUN, run, "finish", by=by, at=at)
    if not letters.are_told(session, run):
        letters.tell_payers(session, run, at=at)
    return run


def _require_all_issued(session: Session, run: BillRun) -> None:
    """Every chunk, and exactly what was approved."""
    if run.status != S.ISSUING or chunks.unissued(session, run.id):
        raise NotAllowedNow("还有账单没有出完，不能完成这批出账", run=run.id)
    decisions.check_unchanged(session, run.id)


def reverse(
    session: Session,
    run_id: int,
    *,
    by: Actor,
    at: datetime,
    note: str,
    seen_paid_fen: int | None = None,
) -> BillRun:
    """整批红冲: every bill of an issued run, money going back to prepayment; letters are recalled.

    Locks as cashiers do: bills, then accounts, then the audit. `seen_paid_fen`, when given, must still
    be what its bills hold.
    """
    run: BillRun = locked(session, BillRun, run_id)
    fire(session, BILL_RUN, run, "reverse", by=by, at=at, note=note)
    queries.lock_live(session, run.id)
    if seen_paid_fen not in (None, held_by_run(session, run.id)[1]):
        raise MoneyMoved("这批账单刚刚收了款或退了款，请看过新的数字再红冲")
    prepayments.lock_of_payers(session, Bill.bill_run_id == run.id)
    letter.supersede(session, letters.of_run(run), by=by, at=at, note=note)
    bill.reverse_unpaid(session, run.id, by=by, at=at, note=note)
    for bill_id in queries.lock_live(session, run.id):
        bill.reverse(session, bill_id, by=by, at=at, note=note)
    audit.record(
        session,
        "bill_run.reverse",
        subject="bill_run",
        subject_id=run.id,
        by=by,
        at=at,
        note=note,
    )
    return run
