"""补账: an issued month made complete. A bill that was reversed, a reading or a charge that came late:
running the month again bills what is missing, as a run of its own, and nothing else.
"""

from datetime import date, datetime

from sqlalchemy.orm import Session

from domain.bills import chunks, drafting, runs
from domain.bills.model import BillRun
from domain.bills.model import BillRunStatus as S
from domain.history import audit
from domain.history.actor import Actor
from statemachines import bill_run


def take_up(
    session: Session, *, community_id: int, month: date, by: Actor, at: datetime
) -> BillRun:
    """The run to work on this month, begun: the one in the making, else a new one. Where the month is
    issued: a supplement if a line is missing or was reversed, else the issued run as it is.
    """
    run = bill_run.open_run(session, community_id=community_id, month=month, by=by, at=at)
    if run.status == S.ISSUED:
        return begin(session, run, by=by, at=at) or run
    return bill_run.begin(session, run.id, by=by, at=at)


def begin(session: Session, issued: BillRun, *, by: Actor, at: datetime) -> BillRun | None:
    """补账: a run of what the issued month lacks, begun; None, and nothing written, if it lacks nothing."""
    runs.hold(session, community_id=issued.community_id, month=issued.period_start)
    with session.begin_nested() as attempt:
        run = _begun_beside(session, issued, by=by, at=at)
        todo = chunks.undrafted(session, run.id)
        if any(drafting.look(session, chunk.id).lines for chunk in todo):
            audit.record(
                session, "bill_run.supplement", subject="bill_run", subject_id=run.id, by=by, at=at,
                month=run.period_start.isoformat(), supplements=issued.id,
            )  # fmt: skip
            return run
        attempt.rollback()
    return None


def lacking(session: Session, issued: BillRun, *, by: Actor, at: datetime) -> drafting.Found:
    """What a supplement of an issued month would bill now, in figures. Leaves nothing behind."""
    runs.hold(session, community_id=issued.community_id, month=issued.period_start)
    with session.begin_nested() as attempt:
        run = _begun_beside(session, issued, by=by, at=at)
        todo = chunks.undrafted(session, run.id)
        found = sum((drafting.look(session, chunk.id) for chunk in todo), drafting.Found())
        attempt.rollback()
    return found


def _begun_beside(session: Session, issued: BillRun, *, by: Actor, at: datetime) -> BillRun:
    run = runs.create(
        session, community_id=issued.community_id, month=issued.period_start, at=at,
        supplements=issued.supplements_id or issued.id,
    )  # fmt: skip
    return bill_run.begin(session, run.id, by=by, at=at)
