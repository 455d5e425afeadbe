"""Touching what is on a phone, for programs; they are told how the callback went."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field

from gateway.sandbox.apps import touching
from gateway.sandbox.box import box_of
from gateway.sandbox.callbacks.addresses import only_app
from gateway.sandbox.json_in import BIGGEST, READABLE
from gateway.sandbox.seeds import Strict

router = APIRouter(prefix="/_sandbox/phones", dependencies=[READABLE])

MessageId = Annotated[int, Path(ge=1, le=BIGGEST)]


class Click(Strict):
    """The key of the button, and the options chosen by question."""

    key: str
    selected: dict[str, list[str]] = Field(default_factory=dict)


class MenuTouch(Strict):
    """The key of a click button, or the address of a view button."""

    agent_id: int | None = None
    key: str = ""
    url: str = ""


@router.post("/{phone_id}/messages/{message_id}/click")
async def click(
    request: Request, phone_id: str, message_id: MessageId, wanted: Click
) -> dict[str, Any]:
    """A button of a card."""
    box = box_of(request)
    touched = touching.click(box, phone_id, message_id, wanted.key, wanted.selected)
    return await touched.outcome()


@router.post("/{phone_id}/menu")
async def menu(request: Request, phone_id: str, wanted: MenuTouch) -> dict[str, Any]:
    """A button of the menu."""
    box = box_of(request)
    agent_id = only_app(box.store, wanted.agent_id)
    touched = touching.touch_menu(box, phone_id, agent_id, key=wanted.key, url=wanted.url)
    return await touched.outcome()
