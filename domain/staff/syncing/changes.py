"""What a sync did, in words for the report."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Changes:
    """A line per person, by userid; `granted` and `revoked` a line per role and place.

    No names: the lines stand in an artifact, and names are at the desk.
    """

    joined: list[str] = field(default_factory=list)
    back: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    unmapped: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        moved = (self.joined, self.back, self.left, self.changed, self.granted, self.revoked)
        return any(moved)

    def counts(self) -> dict[str, int]:
        """How many of each."""
        return {name: len(lines) for name, lines in asdict(self).items()}

    def words(self) -> str:
        """One line: `加入 2 人，离开 1 人`."""
        names = {
            "joined": "加入 {} 人", "back": "回来 {} 人", "left": "离开 {} 人",
            "changed": "资料有变 {} 人", "granted": "给出岗位 {} 个", "revoked": "收回岗位 {} 个",
        }  # fmt: skip
        found: dict[str, Any] = self.counts()
        said = [words.format(found[name]) for name, words in names.items() if found[name]]
        return "，".join(said) or "没有变化"
