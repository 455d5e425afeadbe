"""The sentences of a bill line: plain Chinese that an owner can check with a pocket calculator."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from domain.bills.model import BillLine
from domain.fees.calc.formula.names import VARIABLES
from domain.fees.calc.tiers import Tier, for_part_of_year
from domain.fees.calc.units import MONTH_UNITS
from domain.fees.model import FeeBasis
from domain.meters.model import MeterKind
from domain.money import yuan

AREA_NAMES = {FeeBasis.BUILT_AREA: "建筑面积", FeeBasis.INDOOR_AREA: "套内面积"}
UNITS = {
    MeterKind.WATER: "吨",
    MeterKind.POWER: "度",
    MeterKind.GAS: "立方米",
    MeterKind.HEAT: "千瓦时",
}


def sentences(line: BillLine, meter: MeterKind | None = None) -> list[str]:
    """Why a line costs what it costs, from its own columns and detail; `meter` names the unit."""
    told = [*_how(line, UNITS.get(meter, "") if meter else ""), *_part_of_period(line)]
    if line.vacancy_discount:
        told.append(f"房屋空置，减免 {number(line.vacancy_discount * 100)}%")
    if line.vat_rate:
        told.append(f"含增值税 {number(line.vat_rate * 100)}%，其中税额 {yuan(line.tax_fen)}")
    if line.tariff_version is not None:
        told.append(f"收费标准第 {line.tariff_version} 版")
    return told


def number(value: Decimal | str | None) -> str:
    """`2.500000` -> `2.50`, `15.0000` -> `15`: no noise, two decimals where there is one."""
    exact = Decimal(value or 0).normalize()
    digits = f"{exact:f}"
    return f"{digits}0" if exact.as_tuple().exponent == -1 else digits


def _how(line: BillLine, unit: str) -> list[str]:
    detail = line.detail or {}
    match line.basis:
        case FeeBasis.METERED:
            return _metered(line, detail, unit)
        case FeeBasis.SHARED:
            return _shared(line, detail)
        case FeeBasis.FORMULA:
            return _formula(line, detail)
        case FeeBasis.ONE_OFF:
            return [f"一次性费用 {_yuan(line)}"]
        case _:
            return [_by_month(line, detail)] if line.unit_price is not None else []


def _by_month(line: BillLine, detail: Mapping[str, Any]) -> str:
    price = f"{'约定单价 ' if line.tariff_version is None else ''}{_price(line.unit_price)}"
    if line.basis in AREA_NAMES:
        area = line.area if line.area is not None else line.quantity
        what = f"{AREA_NAMES[line.basis]} {number(area)} ㎡ × {price} 元/㎡·月"
    else:
        what = f"{price} 元/月 × {number(line.quantity)}"
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
    return [f"{_on(line.period_start)}至{_on(last)}，本期 {line.period_days} 天中的 {line.days} 天"]


def _metered(line: BillLine, detail: Mapping[str, Any], unit: str) -> list[str]:
    told = [_meter(meter) for meter in detail.get("meters", ())]
    told.append(f"用量 {_with(number(line.quantity), unit)}")
    before, tiers = detail.get("before"), detail.get("tiers", ())
    if before:
        told.append(f"此前已用 {_with(number(before), unit)}，阶梯从这里接着算")
    bounds = _bounds(detail)
    for place, quantity, price in tiers:
        amount = _price(Decimal(quantity) * Decimal(price))
        sum_of_tier = f"{number(quantity)} × {_price(price)} = {amount} 元"
        told.append(f"{_tier(int(place), bounds, unit)}{sum_of_tier}")
    return [*told, f"合计 {_yuan(line)}"] if len(tiers) > 1 else told


def _meter(meter: Mapping[str, Any]) -> str:
    guess = "（估读）" if meter.get("estimated") else ""
    return (
        f"表号 {meter['serial']}：读数 {number(meter['first'])}（{_on(meter['first_on'])}）"
        f" → {number(meter['last'])}（{_on(meter['last_on'])}）{guess}"
        f"，倍率 {number(meter['multiplier'])}"
    )


def _bounds(detail: Mapping[str, Any]) -> list[str]:
    """Where the tiers begin; a newcomer's year is shorter."""
    steps = [Tier(Decimal(above), Decimal(0)) for above in detail.get("above") or ()]
    months = detail.get("months_left")
    return [number(step.above) for step in (for_part_of_year(steps, months) if months else steps)]


def _tier(place: int, bounds: Sequence[str], unit: str) -> str:
    """`第1阶梯 0–10 吨：`; nothing where there is only one price."""
    if not bounds:
        return ""
    if place == len(bounds):
        return f"第{place}阶梯 {_with(bounds[-1], unit)}以上："
    return f"第{place}阶梯 {bounds[place - 1]}–{_with(bounds[place], unit)}："


def _shared(line: BillLine, detail: Mapping[str, Any]) -> list[str]:
    total = f"公摊总额 {yuan(int(detail['total_fen']))}"
    if "total_quantity" in detail:
        total += f"，总量 {number(detail['total_quantity'])}"
    mine = f"，分得用量 {number(line.quantity)}" if line.quantity is not None else ""
    return [total, f"本户份额 {number(detail['weight'])}{mine}，分摊 {_yuan(line)}"]


def _formula(line: BillLine, detail: Mapping[str, Any]) -> list[str]:
    values = detail.get("values", {})
    known = "，".join(
        f"{VARIABLES[name].chinese} {number(value)}" for name, value in values.items()
    )
    timed = any(VARIABLES[name].time for name in values)
    months = "" if timed or not _counts(line) else f"，按 {_months(line, detail)}"
    told = [f"公式：{detail['formula']}{months} = {_yuan(line)}"]
    return [*told, known] if known else told


def _counts(line: BillLine) -> bool:
    """Whether the months of a line are worth a word: a single whole one is not."""
    whole = line.days == line.period_days
    return not whole or _whole_months(line.period_start, line.period_end) != 1


def _on(day: date | str) -> str:
    on = date.fromisoformat(day) if isinstance(day, str) else day
    return f"{on.month}月{on.day}日"


def _with(amount: str, unit: str) -> str:
    return f"{amount} {unit}" if unit else amount


def _price(value: Decimal | str | None) -> str:
    """At least two decimals, as prices are written: `2.80`, `3.4567`."""
    exact = Decimal(value or 0)
    digits = number(exact)
    return digits if "." in digits else f"{digits}.00"


def _yuan(line: BillLine) -> str:
    return f"{line.amount_fen / Decimal(100):.2f} 元"
