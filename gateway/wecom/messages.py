"""The messages we send. One that breaks WeCom's limits cannot be made: WeCom would cut it silently.

Limits are in bytes of UTF-8 unless they say characters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

TEXT_BYTES = 2048
TITLE_BYTES = 128
DESCRIPTION_BYTES = 512
URL_BYTES = 2048
BUTTON_CHARS = 4
CARD_BUTTON_CHARS = 10
ROWS = 6
KEY_BYTES = 1024
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


@dataclass(frozen=True)
class ButtonCard:
    """A card to a colleague with a button that answers us, and an address behind the card.

    `rows` are (word, value). `task_id` names one try to send it; without one it cannot be sent.
    """

    title: str
    note: str
    rows: Sequence[Sequence[str]]
    url: str
    link_words: str
    button: str
    key: str
    task_id: str = ""

    def __post_init__(self) -> None:
        _within("title", self.title, TITLE_BYTES)
        _within("note", self.note, TITLE_BYTES)
        _within("url", self.url, URL_BYTES)
        _within("key", self.key, KEY_BYTES)
        if not self.url.startswith(("https://", "http://")):
            raise ValueError("a card needs an address with its scheme")
        if len(self.rows) > ROWS or not 1 <= len(self.button) <= CARD_BUTTON_CHARS:
            raise ValueError("at most six rows, and a button of 1 to 10 characters")

    def card(self) -> dict[str, Any]:
        """The template card."""
        return {
            "card_type": "button_interaction",
            "main_title": {"title": self.title, "desc": self.note},
            "horizontal_content_list": [
                {"keyname": word, "value": value} for word, value in self.rows
            ],
            "jump_list": [{"type": 1, "title": self.link_words, "url": self.url}],
            "card_action": {"type": 1, "url": self.url},
            "button_list": [{"text": self.button, "style": 1, "key": self.key}],
            "task_id": self.task_id,
        }


Message = Text | TextCard | ButtonCard | MassText


def _within(what: str, value: str, limit: int) -> None:
    size = len(value.encode())
    if not 1 <= size <= limit:
        raise ValueError(f"{what} has {size} bytes; 1 to {limit} are allowed")
