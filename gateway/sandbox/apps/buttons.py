"""The same as forms on the phone's page."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from gateway.sandbox.apps import touching
from gateway.sandbox.box import box_of
from gateway.sandbox.pages import back

NO_CONTENT = 204

router = APIRouter(prefix="/phone")


@router.post("/{phone_id}/messages/{message_id}/click")
async def click(request: Request, phone_id: str, message_id: int) -> Response:
    """The pressed button's key, and the chosen options as q.<question>."""
    form = await request.form()
    selected: touching.Selected = {}
    for name, value in form.multi_items():
        if name.startswith("q."):
            selected.setdefault(name[2:], []).append(str(value))
    touching.click(box_of(request), phone_id, message_id, str(form.get("key", "")), selected)
    return back(f"/phone/{phone_id}#m{message_id}")


@router.post("/{phone_id}/menu/{agent_id}")
async def menu(request: Request, phone_id: str, agent_id: int) -> Response:
    """A click button."""
    form = await request.form()
    touching.touch_menu(box_of(request), phone_id, agent_id, key=str(form.get("key", "")))
    return back(f"/phone/{phone_id}")


@router.post("/{phone_id}/menu/{agent_id}/view")
async def view(request: Request, phone_id: str, agent_id: int) -> Response:
    """A view button was followed; the browser is already on its way."""
    form = await request.form()
    touching.touch_menu(box_of(request), phone_id, agent_id, url=str(form.get("url", "")))
    return Response(status_code=NO_CONTENT)
