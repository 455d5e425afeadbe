"""A bill at the desk: the rows behind every figure a cashier sees."""

from typing import Any

from fastapi import APIRouter, Request, Response

from domain.bills import queries, reading
from domain.bills.explain import explain_bill
from domain.payments import queries as payments
from gateway.web.fields import BillNo
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/desk/bills")


@router.get("/{bill_no}")
def bill(request: Request, bill_no: BillNo) -> Response:
    """One bill, line by line, with the reasons and what paid it."""
    with at_desk(request) as desk:
        found = queries.by_no(desk.session, bill_no)
        desk.may("bills.see", community_id=found.community_id)
        takes = desk.access.may("payments.take", community_id=found.community_id)
        facts: dict[str, Any] = dict(
            row=reading.row(desk.session, found.id),
            told=explain_bill(desk.session, found),
            paid=payments.towards(desk.session, found.id),
        )
    return page(request, "desk/bill.html", desk=desk, takes=takes, **facts)
