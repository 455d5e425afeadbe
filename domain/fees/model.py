"""Fee items and their dated prices."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Dated, Keyed, Price, Quantity, Rate, stored
from domain.meters.model import MeterKind
from domain.rooms.model import RoomKind


class FeeBasis(StrEnum):
    """How an amount comes about."""

    BUILT_AREA = "built_area"
    INDOOR_AREA = "indoor_area"
    FIXED = "fixed"
    METERED = "metered"
    SHARED = "shared"
    FORMULA = "formula"
    ONE_OFF = "one_off"


class FeeTiming(StrEnum):
    """Prepaid: billed in the month the period begins. Postpaid: once it is over.

    The run of month M bills the postpaid period that was over by the first of M and was not yet
    a month before (October's water, and 15 Sep to 15 Oct, in November).
    """

    PREPAID = "prepaid"
    POSTPAID = "postpaid"


class TierPeriod(StrEnum):
    """Whether tiers start anew each billing period or run through the calendar year."""

    PERIOD = "period"
    YEAR = "year"


class ShareBy(StrEnum):
    """公摊方式."""

    AREA = "area"
    ROOM = "room"
    WEIGHT = "weight"


class FeeItem(Keyed, Base):
    """费用项目. Applies to rooms whose kind has a tariff, or only to rooms with a RoomCharge."""

    __tablename__ = "fee_item"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        UniqueConstraint("community_id", "name"),
        CheckConstraint("cycle_months IN (1, 2, 3, 6, 12)", name="cycle"),
        CheckConstraint("(basis = 'metered') = (meter_kind IS NOT NULL)", name="meter_kind"),
        CheckConstraint("(basis = 'metered') = (tier_period IS NOT NULL)", name="tier_period"),
        CheckConstraint("(basis = 'shared') = (share_by IS NOT NULL)", name="share_by"),
        CheckConstraint("(basis = 'formula') = (formula IS NOT NULL)", name="formula"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str]
    name: Mapped[str] = mapped_column(comment="费用名称")
    basis: Mapped[FeeBasis] = mapped_column(stored(FeeBasis, "basis"))
    cycle_months: Mapped[int] = mapped_column(server_default="1")
    cycle_anchor_on: Mapped[date] = mapped_column(
        server_default=text("DATE '2000-01-01'"), comment="周期从哪天起算"
    )
    timing: Mapped[FeeTiming] = mapped_column(
        stored(FeeTiming, "timing"), server_default=FeeTiming.PREPAID
    )
    meter_kind: Mapped[MeterKind | None] = mapped_column(stored(MeterKind, "meter_kinds"))
    tier_period: Mapped[TierPeriod | None] = mapped_column(stored(TierPeriod, "tier_periods"))
    share_by: Mapped[ShareBy | None] = mapped_column(stored(ShareBy, "shares"))
    formula: Mapped[str | None]
    listed_only: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="只收登记了收费的房屋（如车位费）"
    )
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Tariff(Keyed, Dated, Base):
    """收费标准 of an item for one kind of room (NULL = every kind without its own) from a day on.

    `unit_price` is yuan per unit (㎡, 月, 度 …) per month for area and fixed items, per unit of
    use for metered ones.
    """

    __tablename__ = "tariff"
    __table_args__ = (
        UniqueConstraint("fee_item_id", "room_kind", "version", postgresql_nulls_not_distinct=True),
        CheckConstraint("unit_price >= 0", name="price"),
        CheckConstraint("vacancy_discount >= 0 AND vacancy_discount <= 1", name="vacancy"),
        CheckConstraint("to_on > from_on", name="order"),
        ExcludeConstraint(
            ("fee_item_id", "="),
            (text("coalesce(room_kind, '*')"), "="),
            (text("daterange(from_on, to_on)"), "&&"),
            name="ex_tariff_one_at_a_time",
        ),
    )

    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    room_kind: Mapped[RoomKind | None] = mapped_column(stored(RoomKind, "kind"))
    version: Mapped[int]
    unit_price: Mapped[Price] = mapped_column(comment="单价（元）")
    vacancy_discount: Mapped[Rate] = mapped_column(
        server_default="0", comment="空置时减免的比例，0.3 = 七折"
    )


class TariffTier(Keyed, Base):
    """阶梯: from this quantity (exclusive lower bound of the band) on, this price."""

    __tablename__ = "tariff_tier"
    __table_args__ = (
        UniqueConstraint("tariff_id", "above"),
        CheckConstraint("above >= 0", name="above"),
        CheckConstraint("unit_price >= 0", name="price"),
    )

    tariff_id: Mapped[int] = mapped_column(ForeignKey("tariff.id"))
    above: Mapped[Quantity] = mapped_column(comment="用量超过此数的部分")
    unit_price: Mapped[Price] = mapped_column(comment="单价（元）")


class VatRate(Keyed, Dated, Base):
    """增值税率 of an item from a day on; prices include tax."""

    __tablename__ = "vat_rate"
    __table_args__ = (
        CheckConstraint("rate >= 0 AND rate < 1", name="rate"),
        CheckConstraint("to_on > from_on", name="order"),
        ExcludeConstraint(
            ("fee_item_id", "="),
            (text("daterange(from_on, to_on)"), "&&"),
            name="ex_vat_rate_one_at_a_time",
        ),
    )

    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    rate: Mapped[Rate]


class RoomCharge(Keyed, Dated, Base):
    """房屋收费: this room pays this item, with its own quantity or its own price.

    One-off items: `amount_fen` is billed once, in the run whose month holds `from_on`.
    """

    __tablename__ = "room_charge"
    __table_args__ = (
        Index(None, "fee_item_id", "room_id"),
        Index(None, "fee_item_id", "to_on"),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("to_on > from_on", name="order"),
        ExcludeConstraint(
            ("room_id", "="),
            ("fee_item_id", "="),
            (text("coalesce(label, '')"), "="),
            (text("daterange(from_on, to_on)"), "&&"),
            name="ex_room_charge_one_at_a_time",
        ),
    )

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    label: Mapped[str | None] = mapped_column(comment="如车位号、车牌")
    quantity: Mapped[Quantity] = mapped_column(server_default="1")
    unit_price: Mapped[Price | None] = mapped_column(comment="单独约定的单价（元）")
    amount_fen: Mapped[int | None] = mapped_column(comment="一次性费用的金额（分）")
    note: Mapped[str | None]


class SharedCost(Keyed, Base):
    """公摊: a cost of one billing period to be split over the rooms of a scope."""

    __tablename__ = "shared_cost"
    __table_args__ = (
        UniqueConstraint(
            "fee_item_id",
            "building_id",
            "entrance",
            "period_start",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("total_quantity >= 0", name="quantity"),
        CheckConstraint("total_fen >= 0", name="total"),
        CheckConstraint("period_end > period_start", name="order"),
    )

    fee_item_id: Mapped[int] = mapped_column(ForeignKey("fee_item.id"))
    building_id: Mapped[int | None] = mapped_column(
        ForeignKey("building.id"), comment="空 = 全小区"
    )
    entrance: Mapped[str | None] = mapped_column(comment="空 = 全楼栋")
    period_start: Mapped[date]
    period_end: Mapped[date]
    total_quantity: Mapped[Quantity | None] = mapped_column(comment="如 90 度")
    total_fen: Mapped[int]
