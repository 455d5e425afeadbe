"""Rooms by their code: what readings and charges are about."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.imports.writes import refuse
from domain.rooms.model import Room


class Places:
    """The rooms of one community."""

    def __init__(self, session: Session, community_id: int) -> None:
        rows = session.execute(select(Room.code, Room.id).where(Room.community_id == community_id))
        self._ids: dict[str, int] = {row.code: row.id for row in rows}

    def room(self, code: str) -> int:
        """The room's id, or a refusal of the cell."""
        found = self._ids.get(code)
        if found is None:
            raise refuse("room", "room_unknown", f"没有房号为 {code} 的房屋，请先导入业主信息")
        return found
