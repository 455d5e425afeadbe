"""Driving a bill run from the command line: through the stack's worker, or here when none runs."""

import os
import time
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from deployments.office import OpenOffice
from deployments.stack import prefect_api, running
from domain import clock
from domain.bills import auto_approval, queries, report
from domain.bills.model import BillRun, Decision
from domain.bills.model import BillRunStatus as S
from domain.bills.report import RunReport
from domain.company.queries import community as community_named
from domain.errors import Conflict
from domain.fees.calc.periods import parse_month
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.queries import permitted
from statemachines import bill_run as machine
from statemachines import supplement

LOOK_SECONDS = 0.3


class RunStopped(Conflict):
    """The flow ended before the run was where it should be; the Prefect UI says why."""

    code = "run_stopped"


def run(
    office: OpenOffice, *, community: str, month: str, approve_by: str | None = None
) -> RunReport:
    """Draft a month's bills and, when `approve_by` names a colleague who may, issue them.

    Refusals (unknown community, unreadable month, no permission) come before anything starts.
    """
    plain = _check(office, community, month, approve_by)
    with prefect_api(office.settings) as url:
        os.environ["PREFECT_API_URL"] = url
        drive = by_worker if running(office.settings.home) else _here
        drive(office, community, plain)
        if approve_by:
            decide(office, community, plain, Decision.APPROVE, login=approve_by, carry_on=drive)
    return _report(office, community, plain)


def decide(
    office: OpenOffice,
    community: str,
    month: str,
    decision: Decision,
    *,
    login: str,
    note: str | None = None,
    carry_on: Callable[[OpenOffice, str, str], None] | None = None,
) -> None:
    """Take a colleague's word on the month's run; one already issued needs none."""
    with transaction(office.engine) as session:
        place = community_named(session, community)
        by = permitted(session, login, "bills.approve", community_id=place.id)
        live = queries.live_run(session, community_id=place.id, period_start=parse_month(month))
        if live is None or live.status is S.ISSUED:
            return
        if live.status in (S.DRAFTING, S.AWAITING_APPROVAL):
            machine.decide(session, live.id, decision, by=by, at=clock.now(), note=note)
    if carry_on:
        carry_on(office, community, month)


def limit(
    office: OpenOffice, *, community: str, total_fen: int | None, change: Decimal | None, login: str
) -> dict[str, Any]:
    """Up to which figures a run of the community needs no person."""
    with transaction(office.engine) as session:
        place = community_named(session, community)
        by = permitted(session, login, "bills.approve", community_id=place.id)
        auto_approval.set_limits(
            session, place, total_fen=total_fen, change=change, by=by, at=clock.now()
        )
    return {"community": community, "total_fen": total_fen, "change": change and str(change)}


def _check(office: OpenOffice, community: str, month: str, login: str | None) -> str:
    """The month as YYYY-MM, once everything a person could have mistyped is known to be right."""
    first = parse_month(month)
    with transaction(office.engine) as session:
        place = community_named(session, community)
        if login:
            permitted(session, login, "bills.approve", community_id=place.id)
    return f"{first:%Y-%m}"


def _here(_office: OpenOffice, community: str, month: str) -> None:
    """Run the flow in this process, recorded by the Prefect server made for the command."""
    from flows.bill_run import BillRunForm, bill_run

    bill_run(BillRunForm(community=community, month=month))


def by_worker(office: OpenOffice, community: str, month: str) -> None:
    """Start the deployment, or wake the run that waits, and follow until it rests."""
    from gateway import runs

    with transaction(office.engine) as session:
        live = queries.live_run(
            session,
            community_id=community_named(session, community).id,
            period_start=parse_month(month),
        )
    if live is not None and (_complete(office, live) or _waits(live)):
        return
    if live is not None and live.status is S.APPROVED:
        flow_run = runs.carry_on_bill_run(
            run=live.id, waiting_run=live.waiting_run, community=community, month=month
        )
    else:
        flow_run = runs.start(
            "bill-run/monthly",
            {"form": {"community": community, "month": month}},
            key=f"bill-run {community} {month} by command at {clock.now():%s%f}",
        )
    finished = live.id if live is not None and live.status is S.ISSUED else 0
    _follow(office, community, month, flow_run, finished=finished)


def _complete(office: OpenOffice, live: BillRun) -> bool:
    """Whether the month is issued and lacks nothing: no flow needs to look."""
    if live.status is not S.ISSUED:
        return False
    with transaction(office.engine) as session:
        return not supplement.lacking(session, live, by=Actor.operator(), at=clock.now()).lines


def _waits(live: BillRun) -> bool:
    """Whether a suspended flow waits for the decision: a second one would be left behind."""
    from gateway import runs

    if live.status is not S.AWAITING_APPROVAL or live.waiting_run is None:
        return False
    state = runs.state(live.waiting_run)
    return state is not None and state.is_paused()


def _follow(
    office: OpenOffice, community: str, month: str, flow_run: str, *, finished: int
) -> None:
    """Until our own row says that it is done, or the flow rests: suspended, ended, or forgotten.

    `finished`: the run that was issued before.
    """
    from gateway import runs

    while (now := _report(office, community, month)).status != S.ISSUED or now.run == finished:
        state = runs.state(flow_run)
        if state is not None and (state.is_failed() or state.is_crashed() or state.is_cancelled()):
            raise RunStopped(
                f"出账流程中断：{state.message or state.name}。可以重新运行，已完成的部分不会重做"
            )
        if state is None or state.is_completed() or state.is_paused():
            return
        time.sleep(LOOK_SECONDS)


def _report(office: OpenOffice, community: str, month: str) -> RunReport:
    with transaction(office.engine) as session:
        place = community_named(session, community)
        live = queries.live_run(session, community_id=place.id, period_start=parse_month(month))
        return report.of(session, live.id) if live else report.none_yet(community, month)
