"""Taking bills back from the command line: rejecting drafts, reversing what was issued."""

from typing import Any

from deployments.office import OpenOffice
from deployments.stack import prefect_api, running
from domain import checked, clock
from domain.bills import queries
from domain.bills.model import BillRunStatus, Decision
from domain.company.queries import community as community_named
from domain.errors import NotFound
from domain.fees.calc.periods import parse_month
from domain.history.actor import Actor
from domain.session import transaction
from domain.staff.queries import permitted
from statemachines import bill as bills
from statemachines import bill_run as runs

REASON = "红冲的原因"


class RunNotFound(NotFound):
    """No live run of this month."""

    code = "bill_run_not_found"


def reject(
    office: OpenOffice, *, community: str, month: str, login: str, note: str | None
) -> dict[str, Any]:
    """Reject the drafts of a month."""
    with transaction(office.engine) as session:
        run, by = _run(session, community, month, login, "bills.approve")
        word = runs.decide(session, run.id, Decision.REJECT, by=by, at=clock.now(), note=note)
    if run.waiting_run and running(office.settings.home):
        _let_it_end(office, run.waiting_run)
    return {"run": run.id, "status": run.status.value, "bills": word.bills}


def _let_it_end(office: OpenOffice, waiting_run: str) -> None:
    """The suspended flow wakes, reads the rejection and closes."""
    with prefect_api(office.settings):
        from gateway.runs import wake_soon

        wake_soon(waiting_run)


def reverse_run(
    office: OpenOffice, *, community: str, month: str, login: str, note: str
) -> dict[str, Any]:
    """整批红冲 of a month: its run and what supplemented it, one transaction each.

    Stopped half-way, the same command takes back the rest.
    """
    note = checked.reason(note, REASON)
    with transaction(office.engine) as session:
        run, by = _run(session, community, month, login, "bills.reverse")
        issued = queries.issued_runs(
            session, community_id=run.community_id, period_start=run.period_start
        )
    bills = [_take_back(office, one.id, by=by, note=note) for one in issued or [run]]
    return {"run": run.id, "status": BillRunStatus.REVERSED.value, "bills": sum(bills)}


def _take_back(office: OpenOffice, run_id: int, *, by: Actor, note: str) -> int:
    """Reverse one run; how many bills."""
    with transaction(office.engine) as session:
        count = queries.totals(session, run_id)[0]
        runs.reverse(session, run_id, by=by, at=clock.now(), note=note)
        return count


def reverse_bill(office: OpenOffice, no: str, *, login: str, note: str) -> dict[str, Any]:
    """红冲 one bill."""
    note = checked.reason(note, REASON)
    with transaction(office.engine) as session:
        bill = queries.by_no(session, no)
        by = permitted(session, login, "bills.reverse", community_id=bill.community_id)
        bills.reverse(session, bill.id, by=by, at=clock.now(), note=note)
        return {"bill": bill.no, "status": bill.status.value, "bills": 1}


def _run(session: Any, community: str, month: str, login: str, permission: str) -> tuple[Any, Any]:
    place = community_named(session, community)
    by = permitted(session, login, permission, community_id=place.id)
    run = queries.live_run(session, community_id=place.id, period_start=parse_month(month))
    if run is None:
        raise RunNotFound(f"{community} 没有 {month} 的账单")
    return run, by
