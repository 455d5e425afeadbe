"""Who does something: every verb names its actor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A colleague, an owner, the clock (a schedule) or the system itself.

    `token_id`: the token of the program that acted for the colleague, where it was one.
    """

    kind: str
    id: int | None
    name: str
    token_id: int | None = None

    @classmethod
    def staff(cls, staff_id: int, name: str, *, token_id: int | None = None) -> "Actor":
        return cls("staff", staff_id, name, token_id)

    @classmethod
    def owner(cls, person_id: int, name: str) -> "Actor":
        return cls("owner", person_id, name)

    @classmethod
    def clock(cls, flow: str) -> "Actor":
        return cls("clock", None, flow)

    @classmethod
    def operator(cls, name: str = "wuye") -> "Actor":
        return cls("operator", None, name)
