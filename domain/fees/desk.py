"""Prices set at the desk: seen first, set once however often the button is pressed, recorded."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import locks
from domain.errors import Conflict, Invalid
from domain.fees import listing, pricing
from domain.fees.model import FeeBasis, FeeItem, Tariff
from domain.history import audit
from domain.history.actor import Actor
from domain.rooms.model import RoomKind

EARLIEST, LATEST = date(2000, 1, 1), date(2100, 1, 1)


class PricesChanged(Conflict):
    """Somebody set a price of this item since the form was opened."""

    code = "prices_changed"


@dataclass(frozen=True, slots=True)
class PriceFacts:
    """A new price from a day on; `bands` maps "use above" to price."""

    unit_price: Decimal
    from_on: date
    room_kind: RoomKind | None = None
    bands: Mapping[Decimal, Decimal] = field(default_factory=dict)
    vacancy_discount: Decimal = Decimal(0)

    def told(self) -> dict[str, Any]:
        """As a price book would tell it; the version is none yet."""
        steps = [(Decimal(0), self.unit_price), *sorted(self.bands.items())]
        return {
            "id": 0, "version": 0, "kind": self.room_kind and self.room_kind.value,
            "discount": str(self.vacancy_discount), "price": str(self.unit_price),
            "ladder": [[str(above), str(price)] for above, price in steps],
            "from": self.from_on.isoformat(), "to": None,
        }  # fmt: skip


def seen(session: Session, fee_id: int) -> str:
    """What a form was opened on; a price set since then changes it."""
    newest = session.execute(
        select(func.count(), func.max(Tariff.id)).where(Tariff.fee_item_id == fee_id)
    ).one()
    return hashlib.sha256(repr(tuple(newest)).encode()).hexdigest()[:24]


def take_turn(session: Session, item: FeeItem) -> None:
    """Until the transaction ends nobody else sets a price of the item."""
    locks.hold(session, f"tariff:{item.id}")


def add_item(
    session: Session,
    *,
    community_id: int,
    code: str,
    name: str,
    basis: FeeBasis,
    by: Actor,
    at: datetime,
    **how: Any,
) -> FeeItem:
    """A new fee item; without a code it gets the next number."""
    locks.hold(session, f"fee_item:{community_id}")
    plain = code or _next_code(session, community_id)
    row = pricing.add_item(
        session, community_id=community_id, code=plain, name=name, basis=basis, **how
    )
    audit.record(
        session, "fee.create", subject="fee_item", subject_id=row.id, by=by, at=at,
        code=row.code, basis=basis.value,
    )  # fmt: skip
    return row


def _next_code(session: Session, community_id: int) -> str:
    """`fee7`: the next number nobody has typed as a code before."""
    taken = set(session.scalars(select(FeeItem.code).where(FeeItem.community_id == community_id)))
    return next(code for n in count(len(taken) + 1) if (code := f"fee{n}") not in taken)


def check(session: Session, item: FeeItem, facts: PriceFacts) -> None:
    """Every refusal that setting the price would meet; nothing is written."""
    nested = session.begin_nested()
    try:
        _set(session, item, facts)
    finally:
        nested.rollback()


def set_price(
    session: Session, item: FeeItem, facts: PriceFacts, *, opened: str, by: Actor, at: datetime
) -> Tariff:
    """The price from its day on. The same price again, as by a second click, is the one there is."""
    take_turn(session, item)
    if (there := _already(session, item, facts)) is not None:
        return there
    if seen(session, item.id) != opened:
        raise PricesChanged("有人刚刚改过这个费用的收费标准，请核对最新的标准，重新预览")
    row = _set(session, item, facts)
    audit.record(
        session, "fee.price", subject="fee_item", subject_id=item.id, by=by, at=at,
        tariff=row.id, version=row.version, unit_price=str(facts.unit_price),
        from_on=facts.from_on.isoformat(), kind=facts.room_kind and facts.room_kind.value,
    )  # fmt: skip
    return row


def set_vat(
    session: Session, item: FeeItem, rate: Decimal, *, from_on: date, by: Actor, at: datetime
) -> None:
    """A tax rate from a day on."""
    _day(from_on)
    pricing.set_vat(session, item, rate, from_on=from_on)
    audit.record(
        session, "fee.vat", subject="fee_item", subject_id=item.id, by=by, at=at,
        rate=str(rate), from_on=from_on.isoformat(),
    )  # fmt: skip


def _set(session: Session, item: FeeItem, facts: PriceFacts) -> Tariff:
    _day(facts.from_on)
    return pricing.set_price(
        session, item, facts.unit_price, from_on=facts.from_on, room_kind=facts.room_kind,
        bands=facts.bands, vacancy_discount=facts.vacancy_discount,
    )  # fmt: skip


def _already(session: Session, item: FeeItem, facts: PriceFacts) -> Tariff | None:
    for one in listing.tariffs(session, item.id):
        row, bands = one.row, {step.above: step.unit_price for step in one.tiers}
        told = (row.from_on, row.room_kind, row.unit_price, row.vacancy_discount, bands)
        if told == (
            facts.from_on, facts.room_kind, facts.unit_price, facts.vacancy_discount,
            dict(facts.bands),
        ):  # fmt: skip
            return row
    return None


def _day(on: date) -> None:
    if not EARLIEST <= on < LATEST:
        raise Invalid("生效日期不对，请核对")
