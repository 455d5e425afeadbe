"""An event ready for the post: the address, the query that proves it, the body."""

import secrets
from dataclasses import dataclass
from typing import Any

from gateway.sandbox.callbacks.addresses import Address
from gateway.sandbox.callbacks.crypto import seal, signature
from gateway.sandbox.callbacks.xml import written

Event = dict[str, Any]
CONTACTS = "change_contact"


@dataclass(frozen=True)
class Parcel:
    """What is posted, byte for byte; posting it again is a replay."""

    query: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Sender:
    """Whose events they are, to whom they go, and the two times of now."""

    corp_id: str
    address: Address
    real_now: int
    virtual_now: int

    def whole(self, event: Event) -> Event:
        """The event with what every event has; what it names itself stands."""
        facts = dict(event)
        full = facts.pop("full", {}) if self.address.full_contacts else {}
        facts.pop("full", None)
        from_contacts = facts.get("Event") == CONTACTS
        head: Event = {
            "ToUserName": self.corp_id,
            "FromUserName": "sys" if from_contacts else "",
            "CreateTime": self.virtual_now,
            "MsgType": "event",
        }
        tail = {} if from_contacts else {"AgentID": self.address.agent_id}
        return head | facts | full | {k: v for k, v in tail.items() if k not in facts}

    def pack(self, event: Event) -> Parcel:
        """Sealed and signed as it should be."""
        return self.envelope(written(self.whole(event)))

    def envelope(
        self,
        message: str,
        *,
        receiver: str | None = None,
        aes_key: str | None = None,
        token: str | None = None,
        timestamp: int | None = None,
    ) -> Parcel:
        """A message in its envelope; the named parts differ from what they should be."""
        address = self.address
        sealed = seal(aes_key or address.aes_key, receiver or self.corp_id, message)
        outer = {"ToUserName": self.corp_id, "Encrypt": sealed, "AgentID": str(address.agent_id)}
        return Parcel(
            self.query(sealed, token or address.token, timestamp), written(outer).encode()
        )

    def query(self, sealed: str, token: str, timestamp: int | None = None) -> dict[str, str]:
        """msg_signature, timestamp, nonce."""
        stamp, nonce = str(timestamp or self.real_now), secrets.token_hex(8)
        proof = signature(token, stamp, nonce, sealed)
        return {"msg_signature": proof, "timestamp": stamp, "nonce": nonce}
