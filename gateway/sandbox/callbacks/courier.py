"""Carries parcels to the apps, keeps a log of what was answered, and hands replies on."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from gateway.sandbox.callbacks.addresses import Address
from gateway.sandbox.callbacks.crypto import Unreadable, unseal
from gateway.sandbox.callbacks.parcels import Event, Parcel, Sender
from gateway.sandbox.callbacks.tricks import TRICKS, plainly
from gateway.sandbox.callbacks.xml import read
from gateway.sandbox.clock import Clock, iso
from gateway.sandbox.store import Store

TRIES = 3
PAUSE_SECONDS = 0.5
KEPT = 200
KEPT_ANSWER = 500


@dataclass
class Delivery:
    """One parcel on its way, and how that went."""

    number: int
    agent_id: int
    event: Event
    trick: str | None
    at: int
    state: str = "waiting"
    attempts: list[dict[str, Any]] = field(default_factory=list)
    reply: dict[str, Any] | None = None

    def shown(self) -> dict[str, Any]:
        """As GET /_sandbox/deliveries shows it."""
        return {
            "id": self.number,
            "agent_id": self.agent_id,
            "event": self.event.get("Event"),
            "change_type": self.event.get("ChangeType"),
            "message": self.event,
            "trick": self.trick,
            "at": iso(self.at),
            "state": self.state,
            "attempts": self.attempts,
            "reply": self.reply,
        }


class Courier:
    """In memory: what was under way at a restart is lost, as a callback may be."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock
        self.log: deque[Delivery] = deque(maxlen=KEPT)
        self.moves = 0
        self.numbers = 0
        self.last: dict[int, Parcel] = {}
        self.under_way: set[asyncio.Task[None]] = set()
        self.on_reply: Callable[[Delivery], None] | None = None

    def sender(self, address: Address) -> Sender:
        """For this app, at this moment."""
        corp_id = self.store.recall("corp_id") or ""
        return Sender(corp_id, address, self.clock.real(), self.clock.now())

    def post(
        self, address: Address, events: Sequence[Event], trick: str | None = None
    ) -> tuple[list[Delivery], "asyncio.Task[None]"]:
        """Send the events, one after the other, without waiting for it."""
        sender = self.sender(address)
        make = TRICKS[trick][1] if trick else plainly
        parcels = make(sender, events, self.last.get(address.agent_id))
        shown = [sender.whole(event) for event in events] or [{}]
        if trick == "out_of_order":
            shown.reverse()
        many = len(parcels) // len(shown) or 1
        deliveries = [
            self.entered(address, shown[min(n // many, len(shown) - 1)], trick)
            for n in range(len(parcels))
        ]
        task = asyncio.create_task(self.carry_all(address, zip(deliveries, parcels, strict=True)))
        self.under_way.add(task)
        task.add_done_callback(self.under_way.discard)
        return deliveries, task

    def entered(self, address: Address, event: Event, trick: str | None) -> Delivery:
        """A new line in the log."""
        self.numbers += 1
        self.moves += 1
        delivery = Delivery(self.numbers, address.agent_id, event, trick, self.clock.now())
        self.log.append(delivery)
        return delivery

    async def carry_all(self, address: Address, parcels: Iterable[tuple[Delivery, Parcel]]) -> None:
        """One after the other."""
        async with httpx.AsyncClient(trust_env=False, timeout=None) as http:
            for delivery, parcel in parcels:
                if delivery.trick is None:
                    self.last[address.agent_id] = parcel
                await self.carry(http, address, delivery, parcel)

    async def carry(
        self, http: httpx.AsyncClient, address: Address, delivery: Delivery, parcel: Parcel
    ) -> None:
        """Up to three tries; any answer ends it."""
        for attempt in range(TRIES):
            if attempt:
                await asyncio.sleep(PAUSE_SECONDS)
            answer = await self.knock(http, address, delivery, parcel)
            if answer is not None:
                self.take(address, delivery, answer)
                return
        delivery.state = "unanswered"
        self.moves += 1

    async def knock(
        self, http: httpx.AsyncClient, address: Address, delivery: Delivery, parcel: Parcel
    ) -> httpx.Response | None:
        """One try; None when nobody answered in time."""
        began = time.monotonic()
        record: dict[str, Any] = {"http_status": None, "answer": "", "error": None}
        answer = None
        try:
            async with asyncio.timeout(address.timeout_seconds):
                answer = await http.post(
                    address.url,
                    params=parcel.query,
                    content=parcel.body,
                    headers={"Content-Type": "text/xml"},
                )
            record |= {"http_status": answer.status_code, "answer": answer.text[:KEPT_ANSWER]}
        except TimeoutError:
            record["error"] = f"{address.timeout_seconds:g} 秒内没有回应"
        except httpx.HTTPError as error:
            record["error"] = f"连不上：{type(error).__name__}"
        record["seconds"] = round(time.monotonic() - began, 3)
        delivery.attempts.append(record)
        self.moves += 1
        return answer

    def take(self, address: Address, delivery: Delivery, answer: httpx.Response) -> None:
        """The answer decides; an encrypted one is a reply to act on."""
        delivery.state = "answered" if answer.is_success else "refused"
        if answer.is_success and answer.text.strip() not in ("", "success"):
            delivery.reply = opened(address, answer.text)
            if delivery.reply is not None and self.on_reply is not None:
                self.on_reply(delivery)

    def clear(self) -> None:
        """Forget what was; what is under way still arrives."""
        self.log.clear()
        self.last.clear()


def opened(address: Address, text: str) -> dict[str, Any] | None:
    """The facts of an encrypted passive reply; None if it is something else."""
    try:
        return read(unseal(address.aes_key, str(read(text).get("Encrypt", "")))[0])
    except Unreadable:
        return None
