"""The sentences of a bill line: plain Chinese that an owner can check with a pocket calculator."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.bills.model import BillLine
from domain.fees.calc.formula.names import VARIABLES
from domain.fees.calc.units import MONTH_UNITS
from domain.fees.model import FeeBasis
from domain.meters.model import METER_KIND_NAMES
from domain.money import yuan

AREA_NAMES = {FeeBasis.BUILT_AREA: "建筑面积", FeeBasis.INDOOR_AREA: "套内面积"}


def sentences(line: BillLine) -> list[str]:
    """Why a line costs what it costs, from its own columns and detail only."""
    told = [*_how(line), *_part_of_period(line)]
    if line.vacancy_discount:
        told.append(f"房屋空置，减免 {number(line.vacancy_discount * 100)}%")
    if line.vat_rate:
        told.append(f"含增值税 {number(line.vat_rate * 100)}%，其中税额 {yuan(line.tax_fen)}")
    if line.tariff_version is not None:
        told.append(f"收费标准第 {line.tariff_version} 版")
    return told


def number(value: Decimal | str | None) -> str:
    """`2.500000` -> `2.50`: no noise, and two decimals where there are any."""
    exact = Decimal(value or 0).normalize()
    digits = f"{exact:f}"
    return f"{digits}0" if exact.as_tuple().exponent == -1 else digits


def _how(line: BillLine) -> list[str]:
    detail = line.detail or {}
    match line.basis:
        case FeeBasis.METERED:
            return _metered(line, detail)
        case FeeBasis.SHARED:
            return _shared(line, detail)
        case FeeBasis.FORMULA:
            return _formula(line, detail)
        case FeeBasis.ONE_OFF:
            return [f"一次性费用 {_yuan(line)}"]
        case _:
            return [_by_month(line, detail)]


def _by_month(line: BillLine, detail: Mapping[str, Any]) -> str:
    price = number(line.unit_price)
    agreed = "约定单价 " if line.tariff_version is None else ""
    if line.basis in AREA_NAMES:
        what = f"{AREA_NAMES[line.basis]} {number(line.area)} ㎡ × {agreed}{price} 元/㎡·月"
    else:
        what = f"{agreed}{price} 元/月 × {number(line.quantity)}"
    kept = f" × {number((1 - line.vacancy_discount) * 100)}%" if line.vacancy_discount else ""
    return f"{what} × {_months(line, detail)}{kept} = {_yuan(line)}"


def _months(line: BillLine, detail: Mapping[str, Any]) -> str:
    """`3 个月`, `15/30 个月`; several months and a rest as a decimal."""
    if line.days == line.period_days:
        return f"{_whole_months(line.period_start, line.period_end)} 个月"
    units = detail.get("month_units")
    if units is None:
        return f"{line.days}/{line.period_days} 个月"
    return f"{number((Decimal(units) / MONTH_UNITS).quantize(Decimal('0.0001')))} 个月"


def _whole_months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def _part_of_period(line: BillLine) -> list[str]:
    """The days of a line that is only a part of its period."""
    if line.days == line.period_days:
        return []
    last = line.period_end - timedelta(days=1)
    days = f"{line.period_start.month}月{line.period_start.day}日至{last.month}月{last.day}日"
    return [f"{days}，本期 {line.period_days} 天中的 {line.days} 天"]


def _metered(line: BillLine, detail: Mapping[str, Any]) -> list[str]:
    meters, tiers = detail.get("meters", []), detail.get("tiers", [])
    told = [_meter(meter) for meter in meters]
    told.append(f"本行用量 {number(line.quantity)}")
    before = detail.get("before")
    if before:
        told.append(f"此前已用 {number(before)}，从这里起算阶梯")
    if len(tiers) > 1 or before:
        told += [f"第{_place(tier)}阶梯：{_tier(tier)}" for tier in tiers]
        told.append(f"合计 {_yuan(line)}")
    elif tiers:
        told.append(_tier(tiers[0]))
    return told


def _meter(meter: Mapping[str, Any]) -> str:
    guess = "（估读）" if meter.get("estimated") else ""
    return (
        f"表号 {meter['serial']}：读数 {_on(meter['first_on'])} {number(meter['first'])}"
        f" → {_on(meter['last_on'])} {number(meter['last'])}{guess}"
        f"，倍率 {number(meter['multiplier'])}"
    )


def _place(tier: list[str]) -> str:
    return str(tier[0])


def _tier(tier: list[str]) -> str:
    """A tier's own arithmetic; only the sum of the tiers is rounded."""
    _, quantity, price = tier
    amount = Decimal(quantity) * Decimal(price)
    return f"{number(quantity)} × {number(price)} = {number(amount)} 元"


def _shared(line: BillLine, detail: Mapping[str, Any]) -> list[str]:
    total = f"公摊总额 {yuan(int(detail['total_fen']))}"
    if "total_quantity" in detail:
        total += f"，总量 {number(detail['total_quantity'])}"
    mine = f"，分得用量 {number(line.quantity)}" if line.quantity is not None else ""
    return [total, f"本户份额 {number(detail['weight'])}{mine}，分摊 {_yuan(line)}"]


def _formula(line: BillLine, detail: Mapping[str, Any]) -> list[str]:
    values = "，".join(
        f"{VARIABLES[name].chinese} {number(value)}"
        for name, value in detail.get("values", {}).items()
    )
    return [f"公式：{detail['formula']} = {_yuan(line)}", *([values] if values else [])]


def _on(day: str) -> str:
    on = date.fromisoformat(day)
    return f"{on.month}月{on.day}日"


def _yuan(line: BillLine) -> str:
    return f"{line.amount_fen / Decimal(100):.2f} 元"
