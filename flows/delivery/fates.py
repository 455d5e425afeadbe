"""What becomes of letters that do not go out now."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Dead:
    """Why a letter cannot be delivered: a code for programs, a sentence for the clerk."""

    code: str
    reason: str


@dataclass
class Fate:
    """Letter ids by what becomes of them: given up, held until a moment, or no longer needed."""

    dead: defaultdict[Dead, list[int]] = field(default_factory=lambda: defaultdict(list))
    held: defaultdict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))
    moot: list[int] = field(default_factory=list)
