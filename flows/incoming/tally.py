"""What came of a round, in counts."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Self

WORDS = {
    "handled": "已处理",
    "unneeded": "不需要处理",
    "later": "稍后再试",
    "given_up": "未能处理",
    "cards": "卡片已更新",
}


@dataclass
class Tally:
    """Events by what became of them. `broken`: given up over a fault of ours, by id."""

    handled: int = 0
    unneeded: int = 0
    later: int = 0
    given_up: int = 0
    cards: int = 0
    broken: list[int] = field(default_factory=list)

    def __iadd__(self, other: Self) -> Self:
        for one in fields(self):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))
        return self

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def as_json(self) -> dict[str, Any]:
        """Counts by their names."""
        return asdict(self)

    def words(self) -> Iterator[tuple[str, int]]:
        """(what, how many) for people, leaving out what is zero."""
        for name, word in WORDS.items():
            if count := getattr(self, name):
                yield word, count
