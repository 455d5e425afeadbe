"""Lines after drafting: thrown away with a draft, mirrored by a reversal. Amounts never change."""

from sqlalchemy import insert, literal, select, true, update
from sqlalchemy.orm import Session, aliased

from domain.bills.model import Bill, BillLine

COPIED = (
    "bill_id", "room_id", "fee_item_id", "label", "basis", "period_start", "period_end", "days",
    "period_days", "unit_price", "quantity", "area", "tariff_id", "tariff_version",
    "vacancy_discount", "vat_rate", "detail",
)  # fmt: skip


def retire_of_run(session: Session, run_id: int) -> None:
    """Take the lines of a run's drafts out of the way of the next run."""
    bills = select(Bill.id).where(Bill.bill_run_id == run_id)
    session.execute(update(BillLine).where(BillLine.bill_id.in_(bills)).values(live=False))


def mirror(session: Session, *bills_where: object) -> None:
    """红冲: write the negative of every live line of the chosen bills, then retire both."""
    chosen = select(Bill.id).where(*bills_where)  # type: ignore[arg-type]
    line = aliased(BillLine)
    negatives = select(
        *(getattr(line, name) for name in COPIED),
        -line.amount_fen,
        -line.tax_fen,
        line.id,
        literal(False),
    ).where(line.bill_id.in_(chosen), line.live == true())
    columns = [*COPIED, "amount_fen", "tax_fen", "reverses_id", "live"]
    session.execute(insert(BillLine).from_select(columns, negatives))
    session.execute(
        update(BillLine).where(BillLine.bill_id.in_(chosen), BillLine.live).values(live=False)
    )
