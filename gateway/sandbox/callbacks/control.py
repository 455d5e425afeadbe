"""`/_sandbox/callback` and `/_sandbox/deliveries`, for programs."""

from typing import Any, Self

from fastapi import APIRouter, Request
from pydantic import Field, model_validator

from gateway.sandbox.box import box_of
from gateway.sandbox.callbacks.addresses import NewAddress, addresses, needed, only_app, put
from gateway.sandbox.callbacks.checking import check
from gateway.sandbox.callbacks.tricks import TRICKS
from gateway.sandbox.json_in import READABLE
from gateway.sandbox.seeds import Strict

router = APIRouter(prefix="/_sandbox", dependencies=[READABLE])


class Chosen(Strict):
    """Which app's callback; the only one, if none is named."""

    agent_id: int | None = None


class Sending(Chosen):
    """The body of POST /_sandbox/callback/send."""

    events: list[dict[str, Any]] = Field(min_length=1, max_length=1000)
    trick: str | None = None
    wait: bool = True

    @model_validator(mode="after")
    def known(self) -> Self:
        """The trick is one of ours, each event says which it is."""
        if self.trick is not None and self.trick not in TRICKS:
            raise ValueError(f"trick is one of {', '.join(TRICKS)}")
        if not all(isinstance(event.get("Event"), str) for event in self.events):
            raise ValueError("each event names its Event")
        return self


@router.get("/callback")
async def read_callbacks(request: Request) -> dict[str, Any]:
    """Who hears of events, and where."""
    return {"callbacks": [each.shown() for each in addresses(box_of(request).store)]}


@router.post("/callback")
async def set_callback(request: Request, wanted: NewAddress) -> dict[str, Any]:
    """Set up or change an app's callback."""
    store = box_of(request).store
    agent_id = only_app(store, wanted.agent_id)
    put(store, agent_id, wanted)
    return needed(store, agent_id).shown()


@router.delete("/callback")
async def remove_callback(request: Request, agent_id: int | None = None) -> dict[str, int]:
    """Of one app, or of all."""
    removed = box_of(request).store.run(
        "DELETE FROM callback WHERE ?1 IS NULL OR agent_id = ?1", agent_id
    )
    return {"removed": removed}


@router.post("/callback/verify")
async def verify_callback(request: Request, chosen: Chosen) -> dict[str, Any]:
    """The exchange with echostr."""
    box = box_of(request)
    return await check(box.courier.sender(needed(box.store, chosen.agent_id)))


@router.post("/callback/send")
async def send(request: Request, wanted: Sending) -> dict[str, Any]:
    """Events as WeCom would send them, or with a trick."""
    box = box_of(request)
    address = needed(box.store, wanted.agent_id)
    deliveries, task = box.courier.post(address, wanted.events, wanted.trick)
    if wanted.wait:
        await task
    return {"deliveries": [delivery.shown() for delivery in deliveries]}


@router.get("/deliveries")
async def read_deliveries(request: Request) -> dict[str, Any]:
    """The last two hundred, oldest first."""
    return {"deliveries": [delivery.shown() for delivery in box_of(request).courier.log]}


@router.delete("/deliveries")
async def clear_deliveries(request: Request) -> dict[str, Any]:
    """Forget them."""
    box_of(request).courier.clear()
    return await read_deliveries(request)
