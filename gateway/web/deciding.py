"""Deciding on a bill run from a page: figures first, one word, then the flow that waits goes on.

The word is a row of ours, committed before Prefect hears of it; a nudge that is lost can be given
again. Both the link in the approver's letter and the run's page at the desk decide here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from domain.bills import decisions, queries, reach
from domain.bills.model import BillRun, BillRunDecision, BillRunStatus, Decision
from domain.bills.problems import PAYER_MISSING
from domain.bills.reach import Reach
from domain.company.model import Community
from domain.errors import Conflict, Invalid, NotFound
from gateway import runs
from gateway.flow_server import DeploymentMissing, FlowServer, FlowsRefused, FlowsUnreachable
from gateway.web.sessions import Desk
from statemachines import bill_run as machine

NEEDED = ("bills.see", "bills.approve")
REASON_LENGTH = 2
UNHEARD = (BillRunStatus.APPROVED, BillRunStatus.ISSUING)
"""Decided, but the flow has not come to its end."""


class FiguresChanged(Conflict):
    """The drafts are no longer those the person looked at."""

    code = "figures_changed"


@dataclass(frozen=True)
class Figures:
    """A run as somebody sees it who may decide on it."""

    run: int
    community: str
    month: date
    status: BillRunStatus
    bills: int
    total_fen: int
    reach: Reach
    summary: Mapping[str, Any]
    word: BillRunDecision | None
    supplement: bool

    @property
    def waits(self) -> bool:
        """Whether a decision is what it waits for."""
        return self.status is BillRunStatus.AWAITING_APPROVAL

    @property
    def last(self) -> Mapping[str, Any] | None:
        """The month before, where it was billed: its `month` and `total_fen`."""
        return self.summary.get("last")

    @property
    def attention(self) -> list[tuple[str, int]]:
        """What to look at first, and in how many places."""
        told = [
            (row["message"], row["count"])
            for row in self.summary.get("problems", [])
            if row["code"] != PAYER_MISSING  # counted below, bill by bill
        ]
        groups = (("no_payer", "没有登记缴费人"), ("zero_bills", "金额为零"))
        counts = [(name, self.summary.get(key, {}).get("count", 0)) for key, name in groups]
        return [*told, *((name, count) for name, count in counts if count)]


@dataclass(frozen=True)
class Nudge:
    """What the flow of a decided run needs to go on; a rejected one needs no new flow (`anew`)."""

    run: int
    waiting_run: str | None
    community: str
    month: str
    anew: bool = True

    def give(self, server: FlowServer, *, request_id: str) -> bool:
        """Wake the flow, or start it anew; False where Prefect is away or will not, and the decision
        stands all the same.
        """
        try:
            self._give(server, request_id)
        except (FlowsUnreachable, FlowsRefused, DeploymentMissing):
            return False
        return True

    def _give(self, server: FlowServer, request_id: str) -> None:
        if not self.anew:
            if self.waiting_run is not None:
                runs.wake_soon(self.waiting_run, server=server)
            return
        runs.carry_on_bill_run(
            run=self.run, waiting_run=self.waiting_run, community=self.community,
            month=self.month, tags=[f"request:{request_id}"], server=server,
        )  # fmt: skip


def figures(desk: Desk, run_id: int) -> Figures:
    """The run for somebody who may decide on it, or a refusal that shows nothing of it."""
    run = _allowed(desk, run_id)
    bills, total_fen = queries.totals(desk.session, run.id)
    return Figures(
        run=run.id,
        community=desk.session.get_one(Community, run.community_id).name,
        month=run.period_start,
        status=run.status,
        bills=bills,
        total_fen=total_fen,
        reach=reach.of_run(desk.session, run.id),
        summary=run.summary,
        word=decisions.of(desk.session, run.id),
        supplement=run.supplements_id is not None,
    )


def take(
    desk: Desk, run_id: int, decision: Decision, *, bills: int, total_fen: int, note: str
) -> Nudge:
    """Take the colleague's word on the figures they saw; a second click of theirs changes nothing.

    AlreadyDecided names who was first.
    """
    run = _allowed(desk, run_id, lock=True)
    if decision is Decision.REJECT and len(note) < REASON_LENGTH:
        raise Invalid("驳回要写明原因，让经办人知道改什么")
    first = decisions.of(desk.session, run.id)
    again = first is not None and (first.actor_id, first.decision) == (desk.staff.id, decision)
    if not again:
        if first is None and (bills, total_fen) != queries.totals(desk.session, run.id):
            raise FiguresChanged("这批账单的数字刚刚变了，请看过新的数字再决定")
        machine.decide(
            desk.session, run.id, decision, by=desk.access.actor, at=desk.at, note=note or None
        )
    return replace(_nudge(desk, run), anew=decision is Decision.APPROVE)


def nudge_again(desk: Desk, run_id: int) -> Nudge:
    """For a run that was approved while Prefect was away."""
    run = _allowed(desk, run_id)
    if run.status not in UNHEARD:
        raise Conflict("这批账单不需要再叫一次，请刷新看最新的情况")
    return _nudge(desk, run)


def _allowed(desk: Desk, run_id: int, *, lock: bool = False) -> BillRun:
    run = desk.session.get(BillRun, run_id, with_for_update=lock or None, populate_existing=True)
    if run is None:
        raise NotFound("没有找到这批账单")
    for permission in NEEDED:
        desk.may(permission, community_id=run.community_id)
    return run


def _nudge(desk: Desk, run: BillRun) -> Nudge:
    community = desk.session.get_one(Community, run.community_id)
    return Nudge(run.id, run.waiting_run, community.name, f"{run.period_start:%Y-%m}")
