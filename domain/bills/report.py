"""A run in figures, for people and machines."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain.bills import letters, queries
from domain.bills.model import Bill, BillLine, BillRun
from domain.company.model import Community
from domain.letters.model import Letter


@dataclass(frozen=True)
class RunReport:
    """Counts, the total in fen, and the variance summary of one run. `supplements`: the run whose
    month a supplement completes.
    """

    run: int
    community: str
    month: str
    status: str
    bills: int
    lines: int
    total_fen: int
    letters: int
    anomalies: int
    supplements: int | None
    summary: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Without the summary: what the command line prints."""
        return {name: value for name, value in asdict(self).items() if name != "summary"}


def of(session: Session, run_id: int) -> RunReport:
    """The figures of a run as they stand; reversed and discarded bills count for nothing."""
    run = session.get_one(BillRun, run_id, populate_existing=True)
    bills, total_fen = queries.totals(session, run_id)
    lines = session.scalar(
        select(func.count())
        .select_from(BillLine)
        .join(Bill, Bill.id == BillLine.bill_id)
        .where(Bill.bill_run_id == run_id, BillLine.live)
    )
    told = session.scalar(select(func.count()).select_from(Letter).where(letters.of_run(run)))
    return RunReport(
        run=run.id,
        community=session.get_one(Community, run.community_id).name,
        month=f"{run.period_start:%Y-%m}",
        status=run.status.value,
        bills=bills,
        lines=int(lines or 0),
        total_fen=total_fen,
        letters=int(told or 0),
        anomalies=int(run.summary.get("anomalies", 0)),
        supplements=run.supplements_id,
        summary=run.summary,
    )


def none_yet(community: str, month: str) -> RunReport:
    """The figures before there is a run."""
    return RunReport(0, community, month, "none", 0, 0, 0, 0, 0, None, {})
