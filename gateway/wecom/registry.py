"""The registry of letter kinds: a name, the facts it needs, the function that writes it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter

from gateway.wecom.messages import Message

Facts = TypeVar("Facts")
Writer = Callable[[Facts], Message]


@dataclass(frozen=True)
class Kind:
    """How one kind of letter is written, and the facts it needs."""

    name: str
    facts: type
    write: Callable[[Any], Message]

    def message(self, facts: Mapping[str, Any]) -> Message:
        """Check the facts (as they come from JSON) and write the message."""
        return self.write(TypeAdapter(self.facts).validate_python(dict(facts)))


KINDS: dict[str, Kind] = {}


def kind(name: str) -> Callable[[Writer[Facts]], Writer[Facts]]:
    """Register a writer; the type of its one parameter says which facts it needs."""

    def register(write: Writer[Facts]) -> Writer[Facts]:
        if name in KINDS:
            raise ValueError(f"letter kind {name!r} is written twice")
        hints = get_type_hints(write)
        hints.pop("return")
        (facts,) = hints.values()
        KINDS[name] = Kind(name, facts, write)
        return write

    return register
