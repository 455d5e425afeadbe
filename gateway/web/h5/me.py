"""我的: what we hold about the owner who opened the link, and whom to ask."""

from fastapi import APIRouter, Request, Response

from domain import clock
from domain.people import queries as people
from domain.people.mine import mine
from domain.session import transaction
from gateway.links import read_owner_token
from gateway.web.pages import page
from gateway.web.sessions import engine_of, settings_of

router = APIRouter(prefix="/h5/b/{token}/me")


@router.get("")
def me(request: Request, token: str) -> Response:
    """Rooms, and numbers with their middle left out."""
    visit = read_owner_token(settings_of(request), token, at=clock.now())
    with transaction(engine_of(request)) as session:
        owner = people.owner(session, visit.person_id)
        found = mine(session, visit.person_id, on=clock.today())
    return page(request, "h5/me.html", token=token, owner=owner, mine=found, here="me")
