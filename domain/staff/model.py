"""Colleagues, their roles and where these hold; departments and tags of WeCom that give them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed, stored


class PersonalField(StrEnum):
    """Personal data that a role may see, or not."""

    PHONE = "phone"
    ID_NUMBER = "id_number"


PERSONAL_FIELD_NAMES = {PersonalField.PHONE: "电话", PersonalField.ID_NUMBER: "身份证号"}


class FieldAccess(StrEnum):
    """How much of it; `full` still asks for a reason, and the reveal is recorded."""

    NONE = "none"
    MASKED = "masked"
    FULL = "full"


FIELD_ACCESS_NAMES = {
    FieldAccess.NONE: "看不到",
    FieldAccess.MASKED: "只看打码",
    FieldAccess.FULL: "填写原因后看全部",
}


class GrantSource(StrEnum):
    """Who gave a role: a colleague here, or WeCom's tags and departments."""

    LOCAL = "local"
    WECOM = "wecom"


GRANT_SOURCE_NAMES = {GrantSource.LOCAL: "本系统设置", GrantSource.WECOM: "企业微信同步"}


class Staff(Keyed, Base):
    """员工. `login` names them on the command line; `wecom_userid` reaches them in WeCom."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("login"), UniqueConstraint("wecom_userid"))

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    login: Mapped[str]
    name: Mapped[str]
    wecom_userid: Mapped[str | None]
    position: Mapped[str | None] = mapped_column(comment="职务")
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    left_at: Mapped[datetime | None] = mapped_column(comment="停用或离职的时刻")


class Role(Keyed, Base):
    """岗位: a name and the permissions it carries, as data."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str]
    name: Mapped[str]
    permissions: Mapped[list[Any]] = mapped_column(ARRAY(Text), server_default="{}")


class RoleField(Keyed, Base):
    """How much of a personal field a role shows; no row = nothing of it."""

    __tablename__ = "role_field"
    __table_args__ = (UniqueConstraint("role_id", "field"),)

    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    field: Mapped[PersonalField] = mapped_column(stored(PersonalField, "field"))
    access: Mapped[FieldAccess] = mapped_column(stored(FieldAccess, "access"))


class StaffRole(Keyed, Base):
    """Who holds a role where; no community = everywhere, no building = the whole community."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint(
            "staff_id", "role_id", "community_id", "building_id", "source",
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("building_id IS NULL OR community_id IS NOT NULL", name="building"),
    )  # fmt: skip

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    source: Mapped[GrantSource] = mapped_column(
        stored(GrantSource, "source"), server_default=GrantSource.LOCAL
    )


class WecomDepartment(Keyed, Base):
    """A department of WeCom, and where its members' roles hold: in one community or in all.

    One that says neither holds where the department around it does; if none of those says
    anything, nowhere: a new department in WeCom opens nothing by itself.
    """

    __tablename__ = "wecom_department"
    __table_args__ = (
        UniqueConstraint("wecom_id"),
        CheckConstraint("community_id IS NULL OR NOT whole_company", name="scope"),
    )

    wecom_id: Mapped[int]
    parent_wecom_id: Mapped[int | None]
    name: Mapped[str]
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
    whole_company: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="成员的岗位在全部小区有效"
    )
    gone_at: Mapped[datetime | None]


class WecomTag(Keyed, Base):
    """A tag of WeCom; its members get `role_id`."""

    __tablename__ = "wecom_tag"
    __table_args__ = (UniqueConstraint("wecom_id"),)

    wecom_id: Mapped[int]
    name: Mapped[str]
    role_id: Mapped[int | None] = mapped_column(ForeignKey("role.id"))
    gone_at: Mapped[datetime | None]


class StaffDepartment(Keyed, Base):
    """Who is in which department."""

    __tablename__ = "staff_department"
    __table_args__ = (UniqueConstraint("staff_id", "department_id"),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("wecom_department.id"))
