"""Which apps hear of what happens."""

import asyncio
from collections.abc import Sequence

from gateway.sandbox.box import Box
from gateway.sandbox.callbacks.addresses import address, addresses
from gateway.sandbox.callbacks.courier import Delivery
from gateway.sandbox.callbacks.parcels import Event
from gateway.sandbox.tokens import may_contact


def tell_app(
    box: Box, agent_id: int, event: Event
) -> tuple[Delivery | None, "asyncio.Task[None] | None"]:
    """The app itself; (None, None) when it has no callback."""
    to = address(box.store, agent_id)
    if to is None:
        return None, None
    [delivery], task = box.courier.post(to, [event])
    return delivery, task


def tell_contacts(box: Box, events: Sequence[Event]) -> None:
    """change_contact: every app that has a callback."""
    said = [flat(event) for event in events]
    for to in addresses(box.store) if said else ():
        box.courier.post(to, said)


def flat(event: Event) -> Event:
    """Lists of ids joined by commas, as change_contact has them."""
    joined = {key: commas(value) for key, value in event.items() if key != "full"}
    full = {key: commas(value) for key, value in event.get("full", {}).items()}
    return {**joined, "full": full}


def commas(value: object) -> object:
    """1,2,3 for a list."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def tell_customers(box: Box, event: Event) -> None:
    """change_external_contact: every app that may call customer contact and has a callback."""
    for to in addresses(box.store):
        if may_contact(box.store, to.agent_id):
            box.courier.post(to, [{"FromUserName": "sys", **event}])
