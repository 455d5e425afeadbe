"""Events as they are read: the facts of the decrypted XML."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.inbox.rack import Taken
from domain.vault import Vault
from gateway.wecom.crypto import parse


@dataclass(frozen=True)
class Event:
    """`facts` are the texts directly below the root; what is nested is not among them."""

    name: str
    change: str
    facts: Mapping[str, str]
    received_at: datetime

    def fact(self, name: str) -> str:
        """A fact, "" where the event does not say."""
        return self.facts.get(name, "")


def read(vault: Vault, taken: Taken) -> Event:
    """Open an event that was put in sealed; a wish of our own has no content."""
    if not taken.sealed:
        return Event(taken.event, "", {}, taken.received_at)
    root = parse(vault.open(taken.sealed))
    facts = {each.tag: (each.text or "").strip() for each in root}
    return Event(taken.event, taken.change_type or "", facts, taken.received_at)
