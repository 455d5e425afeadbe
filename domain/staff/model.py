"""Colleagues and their roles: enough to say who did it and whether they might."""

from typing import Any

from sqlalchemy import ForeignKey, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import Base, Keyed


class Staff(Keyed, Base):
    """员工. `login` names them on the command line; `wecom_userid` reaches them in WeCom."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("login"), UniqueConstraint("wecom_userid"))

    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    login: Mapped[str]
    name: Mapped[str]
    wecom_userid: Mapped[str | None]
    active: Mapped[bool] = mapped_column(server_default=text("true"))


class Role(Keyed, Base):
    """岗位: a name and the permissions it carries, as data."""

    __tablename__ = "role"
    __table_args__ = (UniqueConstraint("code"),)

    code: Mapped[str]
    name: Mapped[str]
    permissions: Mapped[list[Any]] = mapped_column(ARRAY(Text), server_default="{}")


class StaffRole(Keyed, Base):
    """Who holds a role where; no community = everywhere."""

    __tablename__ = "staff_role"
    __table_args__ = (
        UniqueConstraint("staff_id", "role_id", "community_id", postgresql_nulls_not_distinct=True),
    )

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id"))
    community_id: Mapped[int | None] = mapped_column(ForeignKey("community.id"))
