"""Why a bill is what it is: every line in words, from what the line froze and nothing else."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillLine, BillStatus
from domain.bills.wording import sentences
from domain.fees.model import FeeItem
from domain.meters.model import MeterKind
from domain.rooms.model import Room

# Put together once: that takes longer than asking.
_CODE = select(Room.code).where(Room.id == bindparam("room_id"))
_LINES = (
    select(BillLine, FeeItem.name, FeeItem.meter_kind)
    .join(FeeItem, FeeItem.id == BillLine.fee_item_id)
    .where(BillLine.bill_id == bindparam("bill_id"), BillLine.reverses_id.is_(None))
    .order_by(BillLine.id)
)


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

    def as_json(self) -> dict[str, Any]:
        """Plain JSON for machines: days as ISO dates, the status by value."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def explain_bill(session: Session, bill: Bill) -> BillExplanation:
    """Explain a bill, reversed or not: the lines as they were drafted, in that order."""
    room_code = session.scalars(_CODE, {"room_id": bill.room_id}).one()
    rows = session.execute(_LINES, {"bill_id": bill.id})
    return BillExplanation(
        no=bill.no, room_code=room_code,
        period_start=bill.period_start, period_end=bill.period_end,
        status=bill.status, total_fen=bill.total_fen, paid_fen=bill.paid_fen,
        lines=tuple(_explained(line, name, meter) for line, name, meter in rows),
    )  # fmt: skip


def _explained(line: BillLine, title: str, meter: MeterKind | None) -> LineExplanation:
    return LineExplanation(
        title=title, label=line.label,
        period_start=line.period_start, period_end=line.period_end,
        amount_fen=line.amount_fen, tax_fen=line.tax_fen,
        sentences=tuple(sentences(line, meter)), detail=line.detail or {},
    )  # fmt: skip


def _plain(value: Any) -> Any:
    """Dates as text, tuples as lists, all the way down."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, BillStatus) else value
