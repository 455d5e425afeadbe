"""Buildings and rooms. A shop or a parking space is a room of another kind."""

from datetime import date
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Area, Base, Dated, Keyed, Quantity, days_at, stored


class RoomKind(StrEnum):
    """房屋类型."""

    RESIDENTIAL = "residential"
    SHOP = "shop"
    OFFICE = "office"
    PARKING = "parking"
    STORAGE = "storage"


ROOM_KIND_NAMES = {
    RoomKind.RESIDENTIAL: "住宅",
    RoomKind.SHOP: "商铺",
    RoomKind.OFFICE: "办公",
    RoomKind.PARKING: "车位",
    RoomKind.STORAGE: "储藏室",
}


class Building(Keyed, Base):
    """楼栋. `code` is what stands in room codes ("5"), `name` what people say ("5栋")."""

    __tablename__ = "building"
    __table_args__ = (UniqueConstraint("community_id", "code"),)

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    code: Mapped[str]
    name: Mapped[str]


class Room(Keyed, Base):
    """房屋. `code` is building-entrance-door (`5-1-101`), or building-door where there is no entrance."""

    __tablename__ = "room"
    __table_args__ = (
        UniqueConstraint("community_id", "code"),
        UniqueConstraint("building_id", "id"),
        Index(None, "building_id", "community_id", "code"),
        Index(None, "code"),
        Index(None, "door"),
        Index(None, "kind", "community_id", "code", "id"),
        Index(None, "handover_on", "community_id", "code", "id"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    entrance: Mapped[str | None] = mapped_column(comment="单元")
    door: Mapped[str] = mapped_column(comment="房号")
    code: Mapped[str]
    kind: Mapped[RoomKind] = mapped_column(stored(RoomKind, "kind"))
    handover_on: Mapped[date | None] = mapped_column(comment="交付日期")


class RoomArea(Keyed, Dated, Base):
    """建筑面积 and its kin, as measured from a day on: correcting it never restates a bill."""

    __tablename__ = "room_area"
    __table_args__ = (
        CheckConstraint("built_area > 0", name="built"),
        CheckConstraint("indoor_area > 0", name="indoor"),
        CheckConstraint("share_weight >= 0", name="weight"),
        CheckConstraint("to_on > from_on", name="order"),
        ExcludeConstraint((days_at("room_id"), "&&"), name="ex_room_area_one_at_a_time"),
        Index(None, "room_id", "from_on"),
    )

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    built_area: Mapped[Area] = mapped_column(comment="建筑面积 ㎡")
    indoor_area: Mapped[Area | None] = mapped_column(comment="套内面积 ㎡")
    share_weight: Mapped[Quantity] = mapped_column(server_default="1", comment="公摊权重")


class RoomVacancy(Keyed, Dated, Base):
    """空置: days on which the tariff's vacancy discount applies."""

    __tablename__ = "room_vacancy"
    __table_args__ = (
        CheckConstraint("to_on > from_on", name="order"),
        ExcludeConstraint((days_at("room_id"), "&&"), name="ex_room_vacancy_one_at_a_time"),
        Index(None, "room_id", "from_on"),
    )

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    note: Mapped[str | None]
