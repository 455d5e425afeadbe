"""An owner's bills behind a signed link: what is owed first, then every line and why.

Looking changes nothing: chat programs fetch links to preview them. That a letter was opened is told
by the page's own script once a person's browser shows it.
"""

from typing import Any

from fastapi import APIRouter, Request, Response
from sqlalchemy.orm import Session

from domain import clock
from domain.bills import reading
from domain.bills.explain import explain_bill
from domain.history.actor import Actor
from domain.payments import queries as payments
from domain.people import queries as people
from domain.session import transaction
from gateway.links import OwnerVisit, read_owner_token
from gateway.web.fields import BillNo
from gateway.web.pages import page
from gateway.web.sessions import engine_of, settings_of
from statemachines import letter

router = APIRouter(prefix="/h5/b/{token}")

SETTLED_SHOWN = 12


def _visit(request: Request, token: str) -> OwnerVisit:
    """Whose link this is, or the refusal that says why it opens nothing."""
    return read_owner_token(settings_of(request), token, at=clock.now())


@router.get("")
def bills(request: Request, token: str, more: str = "") -> Response:
    """What the owner owes and has paid."""
    visit = _visit(request, token)
    with transaction(engine_of(request)) as session:
        owner = people.owner(session, visit.person_id)
        limit = None if more else SETTLED_SHOWN + 1
        owing, settled = reading.owing_and_settled(session, visit.person_id, settled=limit)
        prepaid_fen, deducts = _prepaid(session, owner)
    return page(
        request, "h5/bills.html", token=token, owner=owner, owing=owing,
        owed_fen=sum(bill.owed_fen for bill in owing),
        late=sum(bill.days_overdue(clock.today()) > 0 for bill in owing),
        settled=settled if more else settled[:SETTLED_SHOWN],
        hidden=not more and len(settled) > SETTLED_SHOWN,
        prepaid_fen=prepaid_fen, deducts=deducts, letter=visit.letter_id is not None,
    )  # fmt: skip


@router.post("/opened")
def opened(request: Request, token: str) -> Response:
    """The page was shown to a person: the letter that brought them is an opened one."""
    visit = _visit(request, token)
    if visit.letter_id is not None:
        with transaction(engine_of(request)) as session:
            owner = people.owner(session, visit.person_id)
            by = Actor.owner(owner.person_id, owner.name)
            letter.mark_opened(session, visit.letter_id, by=by, at=clock.now())
    return Response(status_code=204)


@router.get("/{bill_no}")
def bill(request: Request, token: str, bill_no: BillNo) -> Response:
    """One bill, line by line, with the reasons; somebody else's is not found."""
    visit = _visit(request, token)
    with transaction(engine_of(request)) as session:
        owner = people.owner(session, visit.person_id)
        found = reading.of_owner(session, visit.person_id, bill_no)
        facts: dict[str, Any] = dict(
            row=reading.row(session, found.id),
            told=explain_bill(session, found),
            paid=payments.towards(session, found.id),
        )
        prepaid_fen, deducts = _prepaid(session, owner)
    return page(
        request, "h5/bill.html", token=token, owner=owner,
        prepaid_fen=prepaid_fen, deducts=deducts, **facts,
    )  # fmt: skip


def _prepaid(session: Session, owner: people.OwnerFacts) -> tuple[int, bool]:
    """The prepayment balance, and whether it pays new bills by itself."""
    found = payments.prepaid(session, [owner.person_id], community_id=owner.community_id)
    account = found.get(owner.person_id)
    return (account.balance_fen, account.auto_deduct) if account else (0, False)
