"""Who does something: every verb names its actor."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """A colleague, an owner, the clock (a schedule) or the system itself."""

    kind: str
    id: int | None
    name: str

    @classmethod
    def staff(cls, staff_id: int, name: str) -> "Actor":
        return cls("staff", staff_id, name)

    @classmethod
    def owner(cls, person_id: int, name: str) -> "Actor":
        return cls("owner", person_id, name)

    @classmethod
    def clock(cls, flow: str) -> "Actor":
        return cls("clock", None, flow)

    @classmethod
    def operator(cls, name: str = "wuye") -> "Actor":
        return cls("operator", None, name)
