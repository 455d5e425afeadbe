"""One bill line: one function per basis, from plain facts to an amount that can be explained.

    amount_fen = half_up(100 x price x quantity x months x (1 - vacancy discount))

Everything before `half_up` is exact. Prices are yuan (per month, where months count); amounts
include VAT, and `tax_fen` is the part of the amount that is tax. `detail` holds plain JSON.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from domain.fees.calc.formula import Formula
from domain.fees.calc.problems import LineProblem, within_limit
from domain.fees.calc.proration import Segment
from domain.fees.calc.rounding import half_up
from domain.fees.calc.shared import SharePart
from domain.fees.calc.tiers import Tier, TierPart, amount_yuan, charge
from domain.fees.calc.units import MONTH_UNITS

ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(frozen=True, slots=True)
class LineResult:
    """A priced line. `quantity`: m2, pieces, units of use. `unit_price`: yuan, None if several."""

    amount_fen: int
    tax_fen: int
    quantity: Decimal | None
    unit_price: Decimal | None
    days: int
    period_days: int
    detail: Mapping[str, Any] = field(default_factory=dict)


def amount_of(
    price: Decimal, quantity: Decimal, *, month_units: int, discount: Decimal = ZERO
) -> int:
    """Fen for a price per month; `month_units` in 1/377,580 months; `discount` 0.3 = 七折."""
    yuan = Fraction(price) * Fraction(quantity) * Fraction(month_units, MONTH_UNITS)
    return within_limit(half_up(yuan * 100 * (1 - Fraction(discount))))


def tax_of(amount_fen: int, rate: Decimal) -> int:
    """The VAT inside an amount that includes it: amount - amount / (1 + rate), rounded once."""
    return half_up(amount_fen * Fraction(rate) / (1 + Fraction(rate)))


def built_area(
    when: Segment,
    *,
    price: Decimal | None,
    area: Decimal | None,
    discount: Decimal = ZERO,
    vat_rate: Decimal = ZERO,
) -> LineResult:
    """建筑面积 x 单价 x 月数."""
    if not area:
        raise LineProblem("area_missing")
    return _by_month(when, price, area, discount, vat_rate)


def indoor_area(
    when: Segment,
    *,
    price: Decimal | None,
    area: Decimal | None,
    discount: Decimal = ZERO,
    vat_rate: Decimal = ZERO,
) -> LineResult:
    """套内面积 x 单价 x 月数."""
    if not area:
        raise LineProblem("indoor_area_missing")
    return _by_month(when, price, area, discount, vat_rate)


def fixed(
    when: Segment,
    *,
    price: Decimal | None,
    quantity: Decimal = ONE,
    discount: Decimal = ZERO,
    vat_rate: Decimal = ZERO,
) -> LineResult:
    """单价 x 数量 x 月数, such as two parking spaces."""
    return _by_month(when, price, quantity, discount, vat_rate)


def metered(
    when: Segment,
    *,
    use: Decimal,
    steps: Sequence[Tier],
    before: Decimal = ZERO,
    vat_rate: Decimal = ZERO,
    readings: Mapping[str, Any] | None = None,
) -> LineResult:
    """Use by tiers (see `tiers.charge`). Days and vacancy do not count: the meter does."""
    parts = charge(use, steps, before=before)
    prices = {part.unit_price for part in parts} or {steps[0].unit_price}
    detail = {"before": str(before), "tiers": _told(parts), **(readings or {})}
    price = prices.pop() if len(prices) == 1 else None
    amount = within_limit(half_up(amount_yuan(parts) * 100))
    return _line(when, amount, use, price, vat_rate, detail)


def shared(
    when: Segment,
    *,
    part: SharePart,
    weight: Decimal,
    total_fen: int,
    total_quantity: Decimal | None = None,
    vat_rate: Decimal = ZERO,
) -> LineResult:
    """One room's part of a shared cost, as `shared.split_cost` gave it; never rounded again."""
    detail = {"weight": str(weight), "total_fen": total_fen}
    if total_quantity is not None:
        detail["total_quantity"] = str(total_quantity)
    return _line(when, within_limit(part.amount_fen), part.quantity, None, vat_rate, detail)


def formula(
    when: Segment,
    *,
    rule: Formula,
    values: Mapping[str, Decimal | int | Fraction | None],
    discount: Decimal = ZERO,
    vat_rate: Decimal = ZERO,
) -> LineResult:
    """A typed formula in yuan; see `Formula.amount_fen` for how months count."""
    known = {**values, **time_values(when)}
    amount = rule.amount_fen(known, month_units=when.month_units, discount=discount)
    used = {name: str(known[name]) for name in sorted(rule.names)}
    detail = {"formula": rule.text, "values": used, "month_units": when.month_units}
    price = values.get("price") if "price" in rule.names else None
    unit_price = price if isinstance(price, Decimal) else None
    return _line(when, amount, None, unit_price, vat_rate, detail)


def one_off(when: Segment, *, amount_fen: int | None, vat_rate: Decimal = ZERO) -> LineResult:
    """An agreed amount, billed once and never prorated."""
    if amount_fen is None:
        raise LineProblem("amount_missing")
    amount = within_limit(amount_fen)
    return _line(when, amount, ONE, Decimal(amount).scaleb(-2), vat_rate, {})


def time_values(when: Segment) -> dict[str, int | Fraction]:
    """The formula variables that a segment itself supplies."""
    return {
        "days": when.days,
        "period_days": when.period.days,
        "months": Fraction(when.month_units, MONTH_UNITS),
    }


def _by_month(
    when: Segment, price: Decimal | None, quantity: Decimal, discount: Decimal, vat_rate: Decimal
) -> LineResult:
    if price is None:
        raise LineProblem("price_missing")
    amount = amount_of(price, quantity, month_units=when.month_units, discount=discount)
    detail: dict[str, Any] = {"month_units": when.month_units}
    if discount:
        detail["vacancy_discount"] = str(discount)
    return _line(when, amount, quantity, price, vat_rate, detail)


def _line(
    when: Segment,
    amount_fen: int,
    quantity: Decimal | None,
    price: Decimal | None,
    vat_rate: Decimal,
    detail: Mapping[str, Any],
) -> LineResult:
    tax = tax_of(amount_fen, vat_rate)
    return LineResult(amount_fen, tax, quantity, price, when.days, when.period.days, detail)


def _told(parts: Sequence[TierPart]) -> list[list[str]]:
    """Tier, quantity, price: as they are frozen on the line."""
    return [[str(part.tier), str(part.quantity), str(part.unit_price)] for part in parts]
