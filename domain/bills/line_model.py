"""Lines of bills.

A line freezes what made it: price, area, quantity, readings, tiers, days, tariff version. Nothing
of an issued bill is ever computed again from today's prices.
"""

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Area, Base, Keyed, Price, Quantity, Rate, stored
from domain.fees.model import FeeBasis


class BillLine(Keyed, Base):
    """账单明细: one item of one bill for one stretch of days, with everything that made it."""

    __tablename__ = "bill_line"
    __table_args__ = (
        Index(
            "uq_bill_line_once",
            "room_id",
            "fee_item_id",
            "period_start",
            "label",
            unique=True,
            postgresql_where=text("live"),
            postgresql_nulls_not_distinct=True,
        ),
        Index(None, "bill_id"),
        CheckConstraint("period_end > period_start", name="order"),
        CheckConstraint("days > 0 AND days <= period_days", name="days"),
    )

    bill_id: Mapped[int] = mapped_column(ForeignKey("bill.id"))
    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    label: Mapped[str | None] = mapped_column(comment="如车位号")
    basis: Mapped[FeeBasis] = mapped_column(stored(FeeBasis, "basis"))
    period_start: Mapped[date]
    period_end: Mapped[date] = mapped_column(comment="不含")
    days: Mapped[int]
    period_days: Mapped[int]
    unit_price: Mapped[Price | None] = mapped_column(comment="元")
    quantity: Mapped[Quantity | None]
    area: Mapped[Area | None]
    tariff_id: Mapped[int | None] = mapped_column(ForeignKey("tariff.id"))
    tariff_version: Mapped[int | None]
    vacancy_discount: Mapped[Rate | None] = mapped_column(comment="空置减免比例")
    vat_rate: Mapped[Rate | None]
    tax_fen: Mapped[int] = mapped_column(server_default="0", comment="含税价中的税额")
    amount_fen: Mapped[int]
    detail: Mapped[dict[str, Any] | None] = mapped_column(comment="读数、阶梯、公式、公摊")
    live: Mapped[bool] = mapped_column(server_default=text("true"), comment="草稿作废或红冲后为假")
    reverses_id: Mapped[int | None] = mapped_column(
        ForeignKey("bill_line.id"), comment="红冲哪一行"
    )
