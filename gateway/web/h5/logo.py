"""The company's logo on owners' pages: for everybody, since it names nobody."""

from fastapi import APIRouter, Request, Response

from domain.company import logo
from domain.session import transaction
from gateway.web.desk.company import picture
from gateway.web.sessions import engine_of

router = APIRouter(prefix="/h5/logo")


@router.get("")
def show(request: Request) -> Response:
    """The picture, or nothing."""
    with transaction(engine_of(request)) as session:
        return picture(logo.find(session))
