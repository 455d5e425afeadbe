"""What the words of a search may mean at the desk, beside what they say."""

from domain.bills.listing import Sought
from gateway.excel.errors import BadCell
from gateway.excel.rooms import room_from_code


def sought(words: str) -> Sought:
    """The words with the room code they may be: `5栋1单元101室` -> `5-1-101`."""
    return Sought(words, _room_code(words) if words else None)


def _room_code(words: str) -> str | None:
    try:
        return room_from_code(words).code
    except BadCell:
        return None
