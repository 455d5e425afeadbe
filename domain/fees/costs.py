"""公摊费用: a cost of some days that the rooms of a scope will share."""

from datetime import date
from decimal import Decimal

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict, Invalid, NotFound
from domain.fees import checking
from domain.fees.calc.units import MAX_AMOUNT_FEN
from domain.fees.model import FeeBasis, FeeItem, SharedCost
from domain.rooms.model import Building, Room


class ScopeNotFound(NotFound):
    """No such building, or no room in such an entrance."""

    code = "scope_not_found"


class CostExists(Conflict):
    """A cost of the same scope that begins on the same day was entered before."""

    code = "shared_cost_exists"


def add(
    session: Session,
    item: FeeItem,
    total_fen: int,
    *,
    start: date,
    end: date,
    total_quantity: Decimal | None = None,
    building: str | None = None,
    entrance: str | None = None,
) -> SharedCost:
    """Enter a cost of [start, end) for a building (by code), an entrance of it, or the community."""
    if item.basis is not FeeBasis.SHARED:
        raise Invalid(f"「{item.name}」不是公摊费用")
    if not 0 <= total_fen <= MAX_AMOUNT_FEN:
        raise Invalid("公摊总额应在 0 到 1 亿元之间")
    if end <= start:
        raise Invalid("公摊的结束日期要晚于开始日期")
    if total_quantity is not None:
        checking.quantity(total_quantity, "公摊总量")
    scope = _building(session, item, building, entrance)
    locks.hold(session, lock_of(item))
    if session.scalar(_same(item, start, scope, entrance)) is not None:
        raise CostExists("这个范围、这一天开始的公摊已经录过了")
    row = SharedCost(
        fee_item_id=item.id, building_id=scope, entrance=entrance, period_start=start,
        period_end=end, total_fen=total_fen, total_quantity=total_quantity,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def find(
    session: Session, item: FeeItem, *, start: date, building: str | None, entrance: str | None
) -> SharedCost:
    """The cost of this scope that begins on this day."""
    scope = _building(session, item, building, entrance)
    return session.scalars(_same(item, start, scope, entrance)).one()


def lock_of(item: FeeItem) -> str:
    """The name of the lock under which costs of an item are entered, split and taken back."""
    return f"shared_cost:{item.id}"


def _same(
    item: FeeItem, start: date, scope: int | None, entrance: str | None
) -> Select[tuple[SharedCost]]:
    return select(SharedCost).where(
        SharedCost.fee_item_id == item.id,
        SharedCost.period_start == start,
        SharedCost.building_id.is_not_distinct_from(scope),
        SharedCost.entrance.is_not_distinct_from(entrance),
    )


def _building(
    session: Session, item: FeeItem, building: str | None, entrance: str | None
) -> int | None:
    """The building's id, with at least one room in the entrance; None for the whole community."""
    if building is None:
        if entrance is not None:
            raise Invalid("说到单元，要先说是哪一栋")
        return None
    found = select(Room.building_id).join(Building, Building.id == Room.building_id)
    found = found.where(Building.community_id == item.community_id, Building.code == building)
    if entrance is not None:
        found = found.where(Room.entrance == entrance)
    scope = session.scalar(found.limit(1))
    if scope is None:
        where = f"{building[:20]} 栋" + (f" {entrance[:20]} 单元" if entrance else "")
        raise ScopeNotFound(f"{where}没有房屋")
    return scope
