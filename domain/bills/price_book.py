"""The price book of a run: items, tariffs, tiers, tax rates and shared costs, frozen at its start.

Drafting takes prices from here and nowhere else, so a price that changes while a run is drafted, or
before a killed run goes on, cannot mix two prices in one month. Shared costs are split here, over
their whole scope and once: the parts add up to the cost whatever happens to rooms while the chunks
are drafted one by one. Numbers are text (exact), days are ISO dates: plain JSON.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills import queries, shares
from domain.bills.model import BillRun
from domain.fees.calc.periods import Period, nth_period, period_due
from domain.fees.calc.tiers import Tier, ladder
from domain.fees.model import FeeBasis, FeeItem, Tariff, TariffTier, VatRate


def freeze(session: Session, run: BillRun) -> dict[str, Any]:
    """What the run of this month bills, and at which prices.

    `items`: every active item with a period due (see `periods.period_due`), with its tariffs,
    ladders and tax rates. `shares`: shared cost id -> building id -> rows of
    `[room id, fen, quantity, weight]`. `beside`: bills of this month or a later one stand already,
    so days that have a line are left alone. `only_listed_rooms`: a supplement, of its chunks' rooms.
    """
    book: dict[str, Any] = {
        "month": run.period_start.isoformat(), "items": [], "shares": {},
        "beside": queries.has_run_since(session, run), "only_listed_rooms": bool(run.supplements_id),
    }  # fmt: skip
    for item, period in _due_items(session, run):
        told = _told(item, period)
        told["tariffs"] = _tariffs(session, item, period)
        told["vat"] = _vat(session, item)
        told["for_all"] = not _ever_priced(session, item)
        if item.basis is FeeBasis.SHARED:
            told["costs"], parts = shares.split_due(session, run, item, period, kinds=kinds(told))
            book["shares"] |= parts
        book["items"].append(told)
    return book


def told(session: Session, item: FeeItem, period: Period) -> dict[str, Any]:
    """An item with its prices of a period as a book tells it, for a question that writes nothing.

    Shared costs are left out: a book splits them over the whole community.
    """
    found = {**_told(item, period), "tariffs": _tariffs(session, item, period)}
    return found | {"vat": _vat(session, item), "for_all": not _ever_priced(session, item)}


def kinds(told: Mapping[str, Any]) -> set[str | None]:
    """The kinds of room that share an item's costs, as its tariffs name them; None: every kind."""
    return {None} if told["for_all"] else {row["kind"] for row in told["tariffs"]}


def dated(item: FeeItem, period: Period) -> dict[str, Any]:
    """The days of a period as a book tells them."""
    return {"months": _told(item, period)["months"]}


def _due_items(session: Session, run: BillRun) -> list[tuple[FeeItem, Period]]:
    """Active items of the community that have a period to bill in the run's month."""
    active = select(FeeItem).where(FeeItem.community_id == run.community_id, FeeItem.active)
    due = [
        (item, _period(item, run.period_start))
        for item in session.scalars(active.order_by(FeeItem.id))
    ]
    return [(item, period) for item, period in due if period]


def _period(item: FeeItem, month: date) -> Period | None:
    """One-off charges know no cycle: they are billed in the month in which they begin."""
    if item.basis is FeeBasis.ONE_OFF:
        return nth_period(month, 1, 0)
    return period_due(item.cycle_anchor_on, item.cycle_months, item.timing, month)


def _told(item: FeeItem, period: Period) -> dict[str, Any]:
    return {
        "id": item.id, "code": item.code, "name": item.name, "basis": item.basis.value,
        "listed_only": item.listed_only, "formula": item.formula,
        "meter_kind": item.meter_kind and item.meter_kind.value,
        "tier_period": item.tier_period and item.tier_period.value,
        "months": [day.isoformat() for day in (*(m.start for m in period.months), period.end)],
    }  # fmt: skip


def _tariffs(session: Session, item: FeeItem, period: Period) -> list[dict[str, Any]]:
    """The item's tariffs that hold on some day of the period, each with its whole ladder."""
    tiers = _tiers(session, item)
    rows = session.scalars(
        select(Tariff)
        .where(
            Tariff.fee_item_id == item.id,
            Tariff.from_on < period.end,
            Tariff.to_on.is_(None) | (Tariff.to_on > period.start),
        )
        .order_by(Tariff.from_on, Tariff.id)
    )
    return [_tariff(row, tiers[row.id]) for row in rows]


def _ever_priced(session: Session, item: FeeItem) -> bool:
    """Where no tariff ever named kinds of rooms, what needs no price is for all of them."""
    return (
        session.scalar(select(Tariff.id).where(Tariff.fee_item_id == item.id).limit(1)) is not None
    )


def _tariff(row: Tariff, tiers: Sequence[Tier]) -> dict[str, Any]:
    return {
        **_days(row), "id": row.id, "version": row.version,
        "kind": row.room_kind and row.room_kind.value, "discount": str(row.vacancy_discount),
        "price": str(row.unit_price),
        "ladder": [[str(t.above), str(t.unit_price)] for t in ladder(row.unit_price, tiers)],
    }  # fmt: skip


def _tiers(session: Session, item: FeeItem) -> dict[int, list[Tier]]:
    found: dict[int, list[Tier]] = defaultdict(list)
    mine = select(Tariff.id).where(Tariff.fee_item_id == item.id)
    rows = select(TariffTier).where(TariffTier.tariff_id.in_(mine)).order_by(TariffTier.above)
    for row in session.scalars(rows):
        found[row.tariff_id].append(Tier(row.above, row.unit_price))
    return found


def _vat(session: Session, item: FeeItem) -> list[dict[str, Any]]:
    rates = select(VatRate).where(VatRate.fee_item_id == item.id).order_by(VatRate.from_on)
    return [{**_days(row), "rate": str(row.rate)} for row in session.scalars(rates)]


def _days(row: Tariff | VatRate) -> dict[str, str | None]:
    return {"from": row.from_on.isoformat(), "to": row.to_on.isoformat() if row.to_on else None}
