"""Setting up fee items and prices: checked when saved, versioned, never rewritten."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict, Invalid, NotFound
from domain.fees import checking
from domain.fees.calc import tiers
from domain.fees.model import FeeBasis, FeeItem, Tariff, TariffTier, VatRate
from domain.rooms.model import RoomKind


class TariffOverlaps(Conflict):
    """A price for these days stands already."""

    code = "tariff_overlaps"


class RateOverlaps(Conflict):
    """A tax rate for these days stands already."""

    code = "vat_overlaps"


class FeeItemNotFound(NotFound):
    """No fee item with this code."""

    code = "fee_item_not_found"


def item_coded(session: Session, *, community_id: int, code: str) -> FeeItem:
    """The community's fee item with this code."""
    item = session.scalar(
        select(FeeItem).where(FeeItem.community_id == community_id, FeeItem.code == code)
    )
    if item is None:
        raise FeeItemNotFound(f"没有代号为「{code[:40]}」的费用项目")
    return item


def day(text: str) -> date:
    """`2026-01-01` as a date, or a refusal."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"看不懂日期「{text[:20]}」，请写成 2026-01-01 这样") from None


def add_item(
    session: Session, *, community_id: int, code: str, name: str, basis: FeeBasis, **how: Any
) -> FeeItem:
    """Save a fee item. A formula with a typo, an unknown name or a division by zero is refused."""
    checking.item(code=code, name=name, basis=basis, how=how)
    locks.hold(session, f"fee_item:{community_id}")
    exists = session.scalar(
        select(FeeItem.id).where(
            FeeItem.community_id == community_id, (FeeItem.code == code) | (FeeItem.name == name)
        )
    )
    if exists is not None:
        raise Conflict(f"费用项目「{name}」已经有了")
    item = FeeItem(community_id=community_id, code=code, name=name, basis=basis, **how)
    session.add(item)
    session.flush()
    session.refresh(item)
    return item


def set_price(
    session: Session,
    item: FeeItem,
    unit_price: Decimal,
    *,
    from_on: date,
    room_kind: RoomKind | None = None,
    bands: Mapping[Decimal, Decimal] | None = None,
    vacancy_discount: Decimal = Decimal(0),
) -> Tariff:
    """A new price (yuan) from a day on; the one before ends there. `bands` maps "above" to price."""
    checking.price(unit_price)
    checking.rate(vacancy_discount, "空置减免", whole=True)
    if bands and item.basis is not FeeBasis.METERED:
        raise Invalid("只有抄表费用才有阶梯")
    for above, band_price in (bands or {}).items():
        checking.quantity(above, "阶梯起点")
        checking.price(band_price)
    locks.hold(session, f"tariff:{item.id}")
    steps = [tiers.Tier(above, price) for above, price in sorted((bands or {}).items())]
    tiers.ladder(unit_price, steps)
    same = (Tariff.fee_item_id == item.id, Tariff.room_kind.is_not_distinct_from(room_kind))
    if session.scalar(select(Tariff.id).where(*same, Tariff.from_on >= from_on).limit(1)):
        raise TariffOverlaps("这一天或之后已经有收费标准，请选更晚的日期")
    session.execute(update(Tariff).where(*same, Tariff.to_on.is_(None)).values(to_on=from_on))
    newest = session.scalar(select(func.max(Tariff.version)).where(*same)) or 0
    tariff = Tariff(
        fee_item_id=item.id, room_kind=room_kind, version=newest + 1, unit_price=unit_price,
        from_on=from_on, vacancy_discount=vacancy_discount,
    )  # fmt: skip
    session.add(tariff)
    session.flush()
    session.add_all(
        TariffTier(tariff_id=tariff.id, above=step.above, unit_price=step.unit_price)
        for step in steps
    )
    session.flush()
    return tariff


def set_vat(session: Session, item: FeeItem, rate: Decimal, *, from_on: date) -> VatRate:
    """A new tax rate (0.06 = 6 %) from a day on; the one before ends there."""
    checking.rate(rate, "税率")
    locks.hold(session, f"vat_rate:{item.id}")
    mine = VatRate.fee_item_id == item.id
    if session.scalar(select(VatRate.id).where(mine, VatRate.from_on >= from_on).limit(1)):
        raise RateOverlaps("这一天或之后已经有税率，请选更晚的日期")
    session.execute(
        update(VatRate)
        .where(VatRate.fee_item_id == item.id, VatRate.to_on.is_(None), VatRate.from_on < from_on)
        .values(to_on=from_on)
    )
    row = VatRate(fee_item_id=item.id, rate=rate, from_on=from_on)
    session.add(row)
    session.flush()
    return row
