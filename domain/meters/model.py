"""Meters and readings. Readings are facts with a date; use is computed, never stored."""

from datetime import date
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    FetchedValue,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import KEPT, Base, Dated, Keyed, Quantity, stored


class MeterKind(StrEnum):
    """表具类型."""

    WATER = "water"
    POWER = "power"
    GAS = "gas"
    HEAT = "heat"


METER_KIND_NAMES = {
    MeterKind.WATER: "水表",
    MeterKind.POWER: "电表",
    MeterKind.GAS: "燃气表",
    MeterKind.HEAT: "热量表",
}


class ReadingKind(StrEnum):
    """How a reading came about: seen, estimated, or noted when a meter was fitted or removed."""

    ACTUAL = "actual"
    ESTIMATED = "estimated"
    OPENING = "opening"
    CLOSING = "closing"


class Meter(Keyed, Dated, Base):
    """表具: one device in one room from fitting to removal; a swap is a new row.

    `building_id` and `room_code` are those of the room, `last_read_on` is the day of the last reading
    (NULL: none): the database writes them down (migrations 0011, 0014), so that meters are put in
    order and looked at without their rooms and readings. No index holds `last_read_on` and half of each
    page is left free: a month's readings change 50,000 meters where they stand.
    """

    __tablename__ = "meter"
    __table_args__ = (
        UniqueConstraint("community_id", "serial"),
        ForeignKeyConstraint(["building_id", "room_id"], ["room.building_id", "room.id"]),
        Index(None, "room_id", "kind"),
        Index(None, "building_id"),
        Index(None, "from_on"),
        Index(None, "to_on"),
        Index(
            None, "community_id", "room_code", "kind", "id",
            postgresql_include=["building_id", "from_on", "to_on"],
        ),
        Index(
            None, "serial", "id",
            postgresql_include=["community_id", "building_id", "from_on", "to_on"],
        ),
        CheckConstraint("multiplier > 0", name="multiplier"),
        CheckConstraint("digits BETWEEN 3 AND 12", name="digits"),
        CheckConstraint("to_on > from_on", name="order"),
    )  # fmt: skip

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(
        server_default=FetchedValue(), info=KEPT, comment="房屋所在的楼栋，由数据库填写"
    )
    room_id: Mapped[int]
    room_code: Mapped[str] = mapped_column(
        server_default=FetchedValue(), info=KEPT, comment="房屋的编号，由数据库填写"
    )
    last_read_on: Mapped[date | None] = mapped_column(
        info=KEPT, comment="最后一次读数的日期，由数据库填写"
    )
    kind: Mapped[MeterKind] = mapped_column(stored(MeterKind, "kind"))
    serial: Mapped[str] = mapped_column(comment="表号")
    multiplier: Mapped[Quantity] = mapped_column(server_default="1", comment="倍率")
    digits: Mapped[int] = mapped_column(server_default="6", comment="整数位数，走满后归零")


class MeterReading(Keyed, Base):
    """读数: what the dial said at the start of a day."""

    __tablename__ = "meter_reading"
    __table_args__ = (
        UniqueConstraint("meter_id", "read_on"),
        Index(None, "read_on", "meter_id"),
        CheckConstraint("value >= 0", name="value"),
    )

    meter_id: Mapped[int] = mapped_column(ForeignKey("meter.id"))
    read_on: Mapped[date]
    value: Mapped[Quantity]
    kind: Mapped[ReadingKind] = mapped_column(
        stored(ReadingKind, "kind"), server_default=ReadingKind.ACTUAL
    )
    rolled_over: Mapped[bool] = mapped_column(
        server_default="false", comment="自上次读数以来走满归零一次"
    )
