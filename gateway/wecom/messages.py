"""The messages we send. One that breaks WeCom's limits cannot be made: WeCom would cut it silently.

Limits are in bytes of UTF-8 unless they say characters.
"""

from dataclasses import dataclass
from typing import Any

TEXT_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
URL_BYTES = 2048
BUTTON_CHARS = 4
MASS_BYTES = 4000


@dataclass(frozen=True)
class Text:
    """A plain app message to colleagues."""

    content: str

    def __post_init__(self) -> None:
        _within("text", self.content, TEXT_BYTES)

    def body(self) -> dict[str, Any]:
        """The part of the request that is the message."""
        return {"msgtype": "text", "text": {"content": self.content}}


@dataclass(frozen=True)
class TextCard:
    """A card to colleagues: title, a few lines, one button that opens `url`."""

    title: str
    description: str
    url: str
    button: str = "详情"

    def __post_init__(self) -> None:
        _within("title", self.title, TITLE_BYTES)
        _within("description", self.description, DESCRIPTION_BYTES)
        _within("url", self.url, URL_BYTES)
        if not self.url.startswith(("https://", "http://")):
            raise ValueError("a card needs an address with its scheme")
        if not 1 <= len(self.button) <= BUTTON_CHARS:
            raise ValueError(f"a button has 1 to {BUTTON_CHARS} characters")

    def body(self) -> dict[str, Any]:
        """The part of the request that is the message."""
        card = {
            "title": self.title,
            "description": self.description,
            "url": self.url,
            "btntxt": self.button,
        }
        return {"msgtype": "textcard", "textcard": card}


@dataclass(frozen=True)
class MassText:
    """A text to owners, which a colleague still has to press send for."""

    content: str

    def __post_init__(self) -> None:
        _within("mass text", self.content, MASS_BYTES)


Message = Text | TextCard | MassText


def _within(what: str, value: str, limit: int) -> None:
    size = len(value.encode())
    if not 1 <= size <= limit:
        raise ValueError(f"{what} has {size} bytes; 1 to {limit} are allowed")
