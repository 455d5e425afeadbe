"""What came of a round, in counts."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

WORDS = {
    "sent": "已发给员工",
    "awaiting": "已交给员工群发",
    "reached": "业主已收到",
    "later": "稍后再试",
    "held": "按规则推迟",
    "dead": "未送达",
    "moot": "不再需要",
}


@dataclass
class Tally:
    """Letters by what became of them.

    `broken`: ids of letters that could not be written at all, a fault of ours. `paused`: why a
    channel was paused.
    """

    sent: int = 0
    awaiting: int = 0
    reached: int = 0
    later: int = 0
    held: int = 0
    dead: int = 0
    moot: int = 0
    broken: list[int] = field(default_factory=list)
    paused: list[str] = field(default_factory=list)

    def __iadd__(self, other: Self) -> Self:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def as_json(self) -> dict[str, Any]:
        """Counts by their names; reasons of pauses each once."""
        return {**asdict(self), "paused": list(dict.fromkeys(self.paused))}

    def words(self) -> Iterator[tuple[str, int]]:
        """(what, how many) for people, leaving out what is zero."""
        for name, word in WORDS.items():
            if count := getattr(self, name):
                yield word, count
