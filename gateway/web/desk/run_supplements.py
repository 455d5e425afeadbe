"""补账 on a run's page: which run it completes, which ones completed it, and a link to complete it."""

from typing import Any

from fastapi import Request

from domain.bills import queries
from domain.bills.model import BillRun, BillRunStatus
from domain.company.model import Community
from gateway.action_links import path_of, start_link
from gateway.web.act.billing import COMMUNITY, MONTH
from gateway.web.sessions import Desk, settings_of

DEPLOYMENT = "bill-run/monthly"


def facts(request: Request, desk: Desk, found: BillRun) -> dict[str, Any]:
    """What the page tells; `complete` is empty for who may not start a run there."""
    return {
        "supplements": queries.supplements(desk.session, found.id),
        "complete": link(request, desk, found) if found.status is BillRunStatus.ISSUED else "",
    }


def link(request: Request, desk: Desk, found: BillRun) -> str:
    """A fresh link that runs the month of this run again, settled; empty for who may not."""
    if not desk.access.may("bills.run", community_id=found.community_id):
        return ""
    place = desk.session.get_one(Community, found.community_id).name
    preset = {f"form.{COMMUNITY}": place, f"form.{MONTH}": f"{found.period_start:%Y-%m}"}
    config = settings_of(request)
    return path_of(config, start_link(config, DEPLOYMENT, at=desk.at, preset=preset))
