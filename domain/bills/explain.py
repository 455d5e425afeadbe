"""Why a bill is what it is: every line in words, from what the line froze and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillLine, BillStatus
from domain.fees.model import FeeBasis, FeeItem
from domain.money import yuan
from domain.rooms.model import Room


@dataclass(frozen=True)
class LineExplanation:
    """One line: what it is for, how much, and the sentences that say why."""

    title: str
    label: str | None
    period_start: date
    period_end: date
    amount_fen: int
    tax_fen: int
    sentences: tuple[str, ...]
    detail: Mapping[str, Any]


@dataclass(frozen=True)
class BillExplanation:
    """A bill with its lines explained. Periods are half-open."""

    no: str
    room_code: str
    period_start: date
    period_end: date
    status: BillStatus
    total_fen: int
    paid_fen: int
    lines: tuple[LineExplanation, ...]


def explain_bill(session: Session, bill: Bill) -> BillExplanation:
    """Explain a bill, reversed or not: the lines as they were drafted, in that order."""
    room_code = session.scalars(select(Room.code).where(Room.id == bill.room_id)).one()
    rows = session.execute(
        select(BillLine, FeeItem.name)
        .join(FeeItem, FeeItem.id == BillLine.fee_item_id)
        .where(BillLine.bill_id == bill.id, BillLine.reverses_id.is_(None))
        .order_by(BillLine.id)
    )
    return BillExplanation(
        no=bill.no, room_code=room_code,
        period_start=bill.period_start, period_end=bill.period_end,
        status=bill.status, total_fen=bill.total_fen, paid_fen=bill.paid_fen,
        lines=tuple(_explained(line, name) for line, name in rows),
    )  # fmt: skip


def _explained(line: BillLine, title: str) -> LineExplanation:
    return LineExplanation(
        title=title, label=line.label,
        period_start=line.period_start, period_end=line.period_end,
        amount_fen=line.amount_fen, tax_fen=line.tax_fen,
        sentences=tuple(_sentences(line)), detail=line.detail or {},
    )  # fmt: skip


def _sentences(line: BillLine) -> list[str]:
    found = [_how(line)]
    if line.days < line.period_days:
        found.append(f"按天折算：本期 {line.period_days} 天，计 {line.days} 天")
    if line.vacancy_discount:
        found.append(f"空置减免 {_number(line.vacancy_discount * 100)}%")
    if line.tariff_version is not None:
        found.append(f"收费标准第 {line.tariff_version} 版")
    if line.vat_rate:
        found.append(f"含增值税 {_number(line.vat_rate * 100)}%，税额 {yuan(line.tax_fen)}")
    return [sentence for sentence in found if sentence]


def _how(line: BillLine) -> str:
    price = f"单价 {_number(line.unit_price)} 元" if line.unit_price is not None else ""
    match line.basis:
        case FeeBasis.BUILT_AREA | FeeBasis.INDOOR_AREA:
            name = "建筑面积" if line.basis == FeeBasis.BUILT_AREA else "套内面积"
            area = line.area if line.area is not None else line.quantity
            return f"{name} {_number(area)} ㎡ × {price}/㎡·月" if area and price else ""
        case FeeBasis.METERED:
            used = f"用量 {_number(line.quantity)}" if line.quantity is not None else ""
            return " × ".join(part for part in (used, price) if part)
        case FeeBasis.FIXED:
            count = f" × {_number(line.quantity)}" if line.quantity is not None else ""
            return f"{price}{count}" if price else ""
        case FeeBasis.ONE_OFF:
            return "一次性费用"
    return ""


def _number(value: Decimal | None) -> str:
    """`2.500000` -> `2.5`."""
    return "" if value is None else f"{value.normalize():f}"
