"""收据: what was paid, for the screen and for paper."""

from fastapi import APIRouter, Request, Response

from domain.company.queries import letterhead
from domain.payments import queries as payments
from gateway.web.fields import ReceiptNo
from gateway.web.pages import page
from gateway.web.sessions import at_desk

router = APIRouter(prefix="/desk/counter/receipts")


@router.get("/{receipt_no}")
def receipt(request: Request, receipt_no: ReceiptNo, done: str = "") -> Response:
    """One receipt; `done` right after it was made."""
    with at_desk(request) as desk:
        found = payments.receipt(desk.session, receipt_no)
        desk.may("payments.take", community_id=found.community_id)
        head = letterhead(desk.session, found.community_id)
    return page(request, "desk/receipt.html", desk=desk, receipt=found, head=head, done=bool(done))
