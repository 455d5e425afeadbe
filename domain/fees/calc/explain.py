"""Why this amount: one Chinese sentence from the numbers that a line froze."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.fees.calc.units import MONTH_UNITS
from domain.fees.model import FeeBasis
from domain.money import yuan


def why(
    basis: FeeBasis,
    *,
    amount_fen: int,
    quantity: Decimal | None,
    unit_price: Decimal | None,
    days: int,
    period_days: int,
    detail: Mapping[str, Any],
) -> str:
    """`2.50元 × 89.50㎡ × 12/30天 = ¥89.50`, from the columns and the detail of a bill line."""
    match basis:
        case FeeBasis.METERED:
            told = _tiers(detail["tiers"]) or f"用量 {_plain(quantity)}"
        case FeeBasis.SHARED:
            total, weight = yuan(int(detail["total_fen"])), _plain(detail["weight"])
            told = f"公摊总额 {total}，按 {weight} 分摊"
        case FeeBasis.FORMULA:
            told = f"公式 {detail['formula']}"
        case FeeBasis.ONE_OFF:
            told = "一次性费用"
        case _:
            unit = "" if basis is FeeBasis.FIXED else "㎡"
            told = f"{_plain(unit_price)}元 × {_plain(quantity)}{unit}"
    return f"{told}{_months(days, period_days, detail)}{_vacancy(detail)} = {yuan(amount_fen)}"


def _months(days: int, period_days: int, detail: Mapping[str, Any]) -> str:
    units = detail.get("month_units")
    if units is None or units == MONTH_UNITS:
        return ""
    whole, rest = divmod(int(units), MONTH_UNITS)
    if not rest:
        return f" × {whole}个月"
    if period_days <= 31:
        return f" × {days}/{period_days}天"
    months = (Decimal(units) / MONTH_UNITS).quantize(Decimal("0.0001"))
    return f" × {_plain(months)}个月（{days}天）"


def _vacancy(detail: Mapping[str, Any]) -> str:
    discount = detail.get("vacancy_discount")
    return f" × 空置减免后 {_plain((1 - Decimal(discount)) * 100)}%" if discount else ""


def _tiers(parts: Sequence[Sequence[str]]) -> str:
    several = len(parts) > 1
    return " + ".join(
        f"{f'第{tier}档 ' if several else ''}{_plain(quantity)} × {_plain(price)}元"
        for tier, quantity, price in parts
    )


def _plain(number: Decimal | str | None) -> str:
    """`2.500000` -> `2.50`: no noise, and two decimals where there are any."""
    exact = Decimal(number or 0).normalize()
    digits = f"{exact:f}"
    return f"{digits}0" if exact.as_tuple().exponent == -1 else digits
