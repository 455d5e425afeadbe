"""楼栋: added and renamed. The code stands in room codes and never changes."""

import hashlib
import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain import locks
from domain.checked import text
from domain.errors import Conflict, Invalid, NotFound
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import Building

CODE = re.compile(r"[0-9A-Z.\u3007\u3400-\u9fff]{1,20}")


class BuildingNotFound(NotFound):
    """No such building."""

    code = "building_not_found"


class BuildingExists(Conflict):
    """The community has a building with this code."""

    code = "building_exists"


class BuildingChanged(Conflict):
    """Somebody renamed the building since the form was opened."""

    code = "building_changed"


def find(session: Session, building_id: int) -> Building:
    """The building, or BuildingNotFound."""
    found = session.get(Building, building_id)
    if found is None:
        raise BuildingNotFound("没有找到这栋楼")
    return found


def of_community(session: Session, community_id: int) -> list[tuple[str, str]]:
    """(code, name) of every building, in the order in which they were entered."""
    mine = select(Building.code, Building.name).where(Building.community_id == community_id)
    return [(code, name) for code, name in session.execute(mine.order_by(Building.id))]


def none_yet(session: Session, community_id: int) -> bool:
    """Whether nothing of a community has been entered yet."""
    some = select(Building.id).where(Building.community_id == community_id).limit(1)
    return session.scalar(some) is None


def seen(row: Building) -> str:
    """What a form was opened on."""
    return hashlib.sha256(row.name.encode()).hexdigest()[:24]


def add(
    session: Session, community_id: int, code: str, name: str, *, by: Actor, at: datetime
) -> Building:
    """A new building; without a name it is called by its code (`5` -> `5栋`)."""
    plain = code.strip().upper()
    if not CODE.fullmatch(plain):
        raise Invalid("楼栋编号写成房号里的样子，如 5、A1 或 商业街")
    locks.hold(session, f"buildings:{community_id}")
    mine = (Building.community_id == community_id, Building.code == plain)
    if session.scalar(select(Building.id).where(*mine)) is not None:
        raise BuildingExists(f"这个小区已经有编号为 {plain} 的楼栋")
    said = name.strip() or (f"{plain}栋" if plain[-1].isascii() else plain)
    row = Building(
        community_id=community_id, code=plain, name=text(said, "楼栋名称", most=30)
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, "building.add", row, by=by, at=at)
    return row


def rename(
    session: Session, row: Building, name: str, *, opened: str, by: Actor, at: datetime
) -> Building:
    """Call it something else; room codes stay."""
    session.refresh(row, with_for_update=True)
    if seen(row) != opened:
        raise BuildingChanged("有人刚刚改过这栋楼的名称，请核对后再改")
    said = text(name, "楼栋名称", most=30)
    if said != row.name:
        row.name = said
        session.flush()
        _record(session, "building.rename", row, by=by, at=at)
    return row


def _record(session: Session, action: str, row: Building, *, by: Actor, at: datetime) -> None:
    audit.record(
        session, action, subject="building", subject_id=row.id, by=by, at=at,
        community=row.community_id, code=row.code,
    )  # fmt: skip
