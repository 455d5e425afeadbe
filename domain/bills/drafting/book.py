"""The frozen price book, read back: items, and their prices as slices of days per kind of room."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from domain.fees.calc.periods import Period, Span
from domain.fees.calc.proration import Held, split
from domain.fees.calc.tiers import Tier
from domain.fees.model import FeeBasis, TierPeriod
from domain.meters.model import MeterKind
from domain.rooms.model import RoomKind

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class TariffOf:
    """A tariff as the book froze it; `kind` None = every kind without its own."""

    id: int
    version: int
    kind: str | None
    discount: Decimal
    ladder: tuple[Tier, ...]
    from_on: date
    to_on: date | None


@dataclass(frozen=True, slots=True)
class CostOf:
    """A shared cost with the days it covers. Its split stands in the book's `shares`, or in that of
    the run `split_by`.
    """

    id: int
    label: str | None
    period: Period
    total_fen: int
    total_quantity: str | None
    split_by: int | None


@dataclass(frozen=True, slots=True)
class Item:
    """A fee item with the period that this run bills.

    `for_all`: it never had a tariff, so what needs no price is for every kind of room.
    """

    id: int
    basis: FeeBasis
    listed_only: bool
    for_all: bool
    formula: str
    meter_kind: MeterKind | None
    yearly: bool
    period: Period
    tariffs: tuple[TariffOf, ...]
    vat: tuple[Held, ...]
    costs: tuple[CostOf, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """Days of a period on which one kind of room had one price.

    `own`: for rooms that agreed a price of their own, whom tariffs only tell the discount.
    `offered`: the item is for this kind of room; otherwise only for rooms that are listed.
    `named`: by a tariff of this very kind, not by one for every kind.
    `ladder`: empty where there is no price.
    """

    kind: str
    own: bool
    start: date
    end: date
    offered: bool
    named: bool
    tariff: int | None
    version: int | None
    discount: Decimal
    vat: Decimal | None
    ladder: tuple[Tier, ...]


def read(book: Mapping[str, Any]) -> list[Item]:
    """The items of a frozen book, in the order in which they stand on bills."""
    return [_item(told) for told in book.get("items", ())]


def slices(item: Item, *, priced: bool, discounted: bool) -> list[Slice]:
    """Prices per kind of room, cut only on days on which something relevant changes.

    `priced`: the tariff's price matters; `discounted`: its vacancy discount does.
    """
    return [
        piece
        for kind in RoomKind
        for own in (False, True)
        for piece in _of_kind(item, kind.value, own=own, priced=priced, discounted=discounted)
    ]


def _of_kind(item: Item, kind: str, *, own: bool, priced: bool, discounted: bool) -> list[Slice]:
    tariffs = _holding(item, kind)
    everywhere = not priced and item.for_all
    ever = everywhere or any(row.value for row in tariffs)
    timelines = {
        "tariff": tariffs if priced and not own else [],
        "offered": [] if priced else [_map(row, lambda t: t is not None) for row in tariffs],
        "discount": [_map(row, _discount) for row in tariffs] if discounted else [],
        "vat": item.vat,
    }
    return [
        Slice(
            kind=kind, own=own, start=piece.start, end=piece.end,
            offered=ever if priced else everywhere or bool(piece.facts["offered"]),
            named=any(tariff.kind == kind for tariff in item.tariffs),
            tariff=getattr(piece.facts["tariff"], "id", None),
            version=getattr(piece.facts["tariff"], "version", None),
            discount=piece.facts["discount"] or ZERO, vat=piece.facts["vat"],
            ladder=getattr(piece.facts["tariff"], "ladder", ()),
        )
        for piece in split(item.period, timelines)
    ]  # fmt: skip


def _holding(item: Item, kind: str) -> list[Held]:
    """The tariff of each day: the kind's own, else the general one, else None."""
    rows = {
        name: [Held(t.from_on, t.to_on, t) for t in item.tariffs if t.kind == of]
        for name, of in (("own", kind), ("general", None))
    }
    return [
        Held(piece.start, piece.end, piece.facts["own"] or piece.facts["general"])
        for piece in split(item.period, rows)
    ]


def _map(row: Held, change: Any) -> Held:
    return Held(row.from_on, row.to_on, change(row.value))


def _discount(tariff: TariffOf | None) -> Decimal:
    return tariff.discount if tariff else ZERO


def _item(told: Mapping[str, Any]) -> Item:
    days = [date.fromisoformat(day) for day in told["months"]]
    return Item(
        id=told["id"], basis=FeeBasis(told["basis"]), listed_only=told["listed_only"],
        for_all=told["for_all"],
        formula=told["formula"] or "",
        meter_kind=MeterKind(told["meter_kind"]) if told["meter_kind"] else None,
        yearly=told["tier_period"] == TierPeriod.YEAR,
        period=Period(days[0], days[-1], tuple(Span(a, b) for a, b in pairwise(days))),
        tariffs=tuple(_tariff(row) for row in told["tariffs"]),
        vat=tuple(_held(row, Decimal(row["rate"])) for row in told["vat"]),
        costs=tuple(_cost(row) for row in told.get("costs", ())),
    )  # fmt: skip


def _tariff(told: Mapping[str, Any]) -> TariffOf:
    return TariffOf(
        id=told["id"], version=told["version"], kind=told["kind"],
        discount=Decimal(told["discount"]), ladder=_ladder(told["ladder"]),
        from_on=date.fromisoformat(told["from"]), to_on=_day(told["to"]),
    )  # fmt: skip


def _ladder(steps: Iterable[Sequence[str]]) -> tuple[Tier, ...]:
    return tuple(Tier(Decimal(above), Decimal(price)) for above, price in steps)


def _cost(told: Mapping[str, Any]) -> CostOf:
    start, end = date.fromisoformat(told["start"]), date.fromisoformat(told["end"])
    return CostOf(
        id=told["id"], label=told["label"], period=Period(start, end, (Span(start, end),)),
        total_fen=told["total_fen"], total_quantity=told["total_quantity"], split_by=told.get("split_by"),
    )  # fmt: skip


def _held(told: Mapping[str, Any], value: Any) -> Held:
    return Held(date.fromisoformat(told["from"]), _day(told["to"]), value)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
