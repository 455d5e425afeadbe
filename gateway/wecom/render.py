"""A letter's kind and facts become a message."""

from collections.abc import Mapping
from typing import Any

from gateway.wecom import approval_card, kinds
from gateway.wecom.messages import Message
from gateway.wecom.registry import KINDS

__all__ = ["approval_card", "kinds", "render"]


def render(name: str, facts: Mapping[str, Any]) -> Message:
    """The message for a letter; facts as they come from JSON: ids, amounts in fen, ISO dates.

    An unknown kind (LookupError) and wrong facts (pydantic's ValidationError) are bugs and crash.
    """
    if name not in KINDS:
        raise LookupError(f"no letter of kind {name!r}; known: {', '.join(sorted(KINDS))}")
    return KINDS[name].message(facts)
