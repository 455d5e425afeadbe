"""Cells of lists as HTML. Made here and not in the template: a page has some five hundred of them,
and this is where most of its time went.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Literal

from markupsafe import escape

from domain.money import yuan
from gateway.web.words import full_day
from gateway.wecom.words import moment

Look = Literal["text", "strong", "code", "soft", "link", "money", "number", "day", "moment", "tag"]

WORDS = ("text", "strong", "soft", "link")
BRIEF = 6
"""Up to so many characters a name stays in one line, however long the sentence beside it."""


def cell(value: Any, look: Look, *, title: str, at_end: bool) -> str:
    """One `td`; nothing to show is a dash. `title` stands before it where the screen is narrow."""
    bare = value is None or value == ""
    inside = '<span class="soft">—</span>' if bare else LOOKS[look](value)
    brief = not bare and look in WORDS and len(_said(value, look)) <= BRIEF
    return f"{_opened(title, at_end=at_end, bare=bare, brief=brief)}{inside}</td>"


def _said(value: Any, look: Look) -> str:
    """The words alone."""
    return str(value[1] if look == "link" else value)


@lru_cache(maxsize=1_000)
def _opened(title: str, *, at_end: bool, bare: bool, brief: bool) -> str:
    """The same for a whole column, but for what is bare or brief in it."""
    names = f"{'end' if at_end else ''}{' bare' if bare else ''}{' brief' if brief else ''}"
    marked = f' class="{names}"' if names else ""
    return f'<td{marked} data-narrow="{escape(title)}">'


def _span(name: str, said: Callable[[Any], str] = str) -> Callable[[Any], str]:
    return lambda value: f'<span class="{name}">{escape(said(value))}</span>'


def _link(value: tuple[str, str]) -> str:
    return f'<a href="{escape(value[0])}"><strong>{escape(value[1])}</strong></a>'


def _tag(value: tuple[str, str]) -> str:
    return f'<span class="tag {escape(value[0])}">{escape(value[1])}</span>'


LOOKS: Mapping[Look, Callable[[Any], str]] = {
    "text": escape,
    "strong": lambda value: f"<strong>{escape(value)}</strong>",
    "code": _span("code"),
    "soft": _span("soft"),
    "link": _link,
    "money": _span("money", yuan),
    "number": lambda value: str(escape(f"{value:,}")),
    "day": _span("money", full_day),
    "moment": _span("soft", moment),
    "tag": _tag,
}
"""How a value is shown; whatever it holds is escaped here."""
