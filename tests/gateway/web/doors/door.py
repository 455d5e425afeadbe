"""What the matrix knows of a route: how to knock at it, and who may come in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

NOBODY, ANYBODY, COLLEAGUE = "(no sign-in needed)", "(a link of its own)", "(any colleague)"
"""Needs that are no permission: open to all, guarded by its own link, or by being signed in."""


@dataclass(frozen=True)
class Door:
    """One route: `path` is its pattern, `need` the permission that opens it (or a word above).

    `at(place)` fills the path with things of a community: a foreign community's must be refused or
    not found. A door without `at`, such as a list, opens wherever the permission is held, and must
    not show what belongs to others. `form` is what a form would send (or a function of the place).
    `last`: knocked at after all others, since it ends the sign-in.
    """

    method: str
    path: str
    need: str
    at: Callable[["Any"], Mapping[str, Any]] | None = None
    form: Callable[["Any"], Mapping[str, Any]] | Mapping[str, Any] = field(default_factory=dict)
    last: bool = False

    @property
    def named(self) -> str:
        """As the application names it."""
        return f"{self.method} {self.path}"

    def address(self, place: Any) -> str:
        """The path for things of a place."""
        values = self.at(place) if self.at else {}
        address = self.path
        for name, value in values.items():
            address = address.replace("{" + name + "}", str(value))
        assert "{" not in address, f"{self.named}: {address} is not filled in"
        return address

    def filled(self, place: Any) -> dict[str, Any]:
        """The form for a place."""
        return dict(self.form(place) if callable(self.form) else self.form)
