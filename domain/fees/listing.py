"""The list of fee items, and one item with its dated prices and rates."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from domain.access.access import Access
from domain.company.model import Community
from domain.fees.model import FeeBasis, FeeItem, RoomCharge, Tariff, TariffTier, VatRate
from domain.fees.pricing import FeeItemNotFound
from domain.listing import EXPORTED, Listed, Wanted, listed, ordered
from domain.rooms.model import Room, RoomKind

SORTS = {
    "community": (Community.name, FeeItem.id),
    "name": (FeeItem.name, FeeItem.id),
    "basis": (FeeItem.basis, FeeItem.id),
}
CHARGES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class PriceNow:
    """A price of today, for one kind of room or (None) for every kind without its own."""

    kind: RoomKind | None
    unit_price: Decimal
    tiers: int


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee item in the list, with today's prices."""

    id: int
    name: str
    code: str
    basis: FeeBasis
    cycle_months: int
    active: bool
    community_name: str
    charged: int
    prices: Sequence[PriceNow] = ()


@dataclass(frozen=True, slots=True)
class TariffOf:
    """A version of a price with its tiers."""

    row: Tariff
    tiers: Sequence[TariffTier]


@dataclass(frozen=True, slots=True)
class Charged:
    """A room that is charged an item, with what of its own."""

    row: RoomCharge
    room_code: str
    building_id: int


def items(session: Session, access: Access, wanted: Wanted, *, on: date) -> Listed[FeeRow]:
    """One page of the fee items of communities a colleague may see."""
    found = listed(session, _asked(access, wanted, on), wanted, sorts=SORTS, key=FeeItem.id)
    return Listed(_priced(session, found.rows, on), found.count, found.many, found.page, found.size)


def everything(session: Session, access: Access, wanted: Wanted, *, on: date) -> list[FeeRow]:
    """The same unpaged, for an export."""
    asked = ordered(_asked(access, wanted, on), wanted, sorts=SORTS, key=FeeItem.id)
    return _priced(session, session.execute(asked.limit(EXPORTED)).all(), on)


def item(session: Session, fee_id: int) -> FeeItem:
    """The item, or FeeItemNotFound."""
    found = session.get(FeeItem, fee_id)
    if found is None:
        raise FeeItemNotFound("没有找到这个费用项目")
    return found


def tariffs(session: Session, fee_id: int) -> list[TariffOf]:
    """Every version, those that hold longest from now first."""
    rows = session.scalars(
        select(Tariff)
        .where(Tariff.fee_item_id == fee_id)
        .order_by(Tariff.from_on.desc(), Tariff.room_kind, Tariff.id.desc())
    ).all()
    steps = session.scalars(
        select(TariffTier)
        .where(TariffTier.tariff_id.in_([row.id for row in rows]))
        .order_by(TariffTier.above)
    ).all()
    return [TariffOf(row, [one for one in steps if one.tariff_id == row.id]) for row in rows]


def rates(session: Session, fee_id: int) -> list[VatRate]:
    """Every tax rate, newest first."""
    found = select(VatRate).where(VatRate.fee_item_id == fee_id).order_by(VatRate.from_on.desc())
    return list(session.scalars(found))


def charges(session: Session, fee_id: int, *, on: date) -> list[Charged]:
    """Rooms that are charged the item on a day or later, by code; the first `CHARGES_SHOWN`."""
    rows = session.execute(
        select(RoomCharge, Room.code, Room.building_id)
        .join(Room, Room.id == RoomCharge.room_id)
        .where(
            RoomCharge.fee_item_id == fee_id,
            RoomCharge.to_on.is_(None) | (RoomCharge.to_on > on),
        )
        .order_by(Room.code, RoomCharge.label, RoomCharge.from_on)
        .limit(CHARGES_SHOWN)
    )
    return [Charged(*row) for row in rows]


def count_charges(session: Session, fee_id: int, *, on: date) -> int:
    """How many there are."""
    running = RoomCharge.to_on.is_(None) | (RoomCharge.to_on > on)
    found = select(func.count()).where(RoomCharge.fee_item_id == fee_id, running)
    return session.scalar(found) or 0


def _asked(access: Access, wanted: Wanted, on: date) -> Select[Any]:
    running = RoomCharge.to_on.is_(None) | (RoomCharge.to_on > on)
    charged = (
        select(func.count()).where(RoomCharge.fee_item_id == FeeItem.id, running).scalar_subquery()
    )
    asked = (
        select(
            FeeItem.id, FeeItem.name, FeeItem.code, FeeItem.basis, FeeItem.cycle_months,
            FeeItem.active, Community.name, charged,
        )
        .join(Community, Community.id == FeeItem.community_id)
        .where(access.where("fees.see", FeeItem.community_id))
    )  # fmt: skip
    if wanted.words:
        named = FeeItem.name.contains(wanted.words, autoescape=True)
        asked = asked.where(named | (FeeItem.code == wanted.words))
    if community := wanted.filter("community"):
        asked = asked.where(FeeItem.community_id == int(community))
    if basis := wanted.filter("basis"):
        asked = asked.where(FeeItem.basis == FeeBasis(basis))
    return asked


def _priced(session: Session, rows: Sequence[Any], on: date) -> list[FeeRow]:
    prices = _prices(session, [row[0] for row in rows], on)
    return [replace(FeeRow(*row), prices=prices.get(row[0], [])) for row in rows]


def _prices(session: Session, ids: Collection[int], on: date) -> dict[int, list[PriceNow]]:
    tiers = select(func.count()).where(TariffTier.tariff_id == Tariff.id).scalar_subquery()
    rows = session.execute(
        select(Tariff.fee_item_id, Tariff.room_kind, Tariff.unit_price, tiers)
        .where(
            Tariff.fee_item_id.in_(ids), Tariff.from_on <= on,
            Tariff.to_on.is_(None) | (Tariff.to_on > on),
        )
        .order_by(Tariff.room_kind.nulls_first())
    )  # fmt: skip
    found: dict[int, list[PriceNow]] = {}
    for fee_id, kind, price, count in rows:
        found.setdefault(fee_id, []).append(PriceNow(kind, price, count))
    return found
