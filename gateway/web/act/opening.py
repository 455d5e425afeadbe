"""`/act/{token}`: what the link asks for decides which page opens."""

from fastapi import APIRouter, Request, Response

from domain import clock
from gateway.action_links import DecideAction, read_action_token
from gateway.web.act import decide, start
from gateway.web.sessions import settings_of

router = APIRouter(prefix="/act")


@router.get("/{token}")
def opened(request: Request, token: str, done: str = "") -> Response:
    """The page of a link, for who is signed in and may do what it says at this moment."""
    action = read_action_token(settings_of(request), token, at=clock.now())
    if isinstance(action, DecideAction):
        return decide.show(request, token, action, done=done)
    return start.show(request, token, action)
