"""What a start would bring about, in numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Weighing:
    """`sentence` says what will happen, `rows` (what, how much) the numbers, `notes` what to know."""

    sentence: str
    rows: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()


def nothing_more(
    _session: Session, _parameters: Mapping[str, Any], _community_id: int | None
) -> Weighing:
    """Nothing to weigh: it reads, and changes nothing that people own."""
    return Weighing("")
