"""Envelopes: what is handed to WeCom in one call, and how it is kept word for word."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from domain.letters.attempts import Try
from domain.letters.model import Channel
from gateway.wecom.messages import ButtonCard, MassText, Message, Text, TextCard

FORMS: dict[str, type[Message]] = {
    "text": Text,
    "textcard": TextCard,
    "buttoncard": ButtonCard,
    "mass": MassText,
}
NAMES = {form: name for name, form in FORMS.items()}


@dataclass(eq=False)
class Envelope:
    """One call: a message to one receiver, carrying one letter, or several of one owner.

    `sender`: the colleague who presses send. `since`: when the call was first made, for one that is
    repeated because nobody knows whether it arrived. `attempts`: the tries as written down.
    """

    channel: Channel
    receiver: str
    sender: str | None
    message: Message
    letters: tuple[int, ...]
    tries: int
    since: datetime | None = None
    attempts: tuple[int, ...] = ()

    @property
    def as_tries(self) -> list[Try]:
        """A try per letter."""
        kept = keep(self.message)
        return [
            Try(letter, self.channel, self.receiver, self.sender, kept) for letter in self.letters
        ]


def keep(message: Message) -> dict[str, Any]:
    """The message as JSON."""
    return {"form": NAMES[type(message)], **asdict(message)}


def restore(kept: dict[str, Any]) -> Message:
    """The message that was kept, exactly."""
    content = {name: value for name, value in kept.items() if name != "form"}
    return FORMS[kept["form"]](**content)
