"""People, where and when they live, and how they are reached. Phones and ID numbers are sealed."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.base import KEPT, Base, Dated, Keyed, Rate, days_at, stored


class PersonKind(StrEnum):
    """A human being or a company that owns rooms."""

    NATURAL = "natural"
    COMPANY = "company"


class OccupancyRole(StrEnum):
    """业主, 家属, 租户."""

    OWNER = "owner"
    FAMILY = "family"
    TENANT = "tenant"


SETTLED = "(COALESCE(LEAST(owner_since, family_since, tenant_since), 'infinity'::date))"
"""Since when a person has a room by an entry that says no end."""
STANDING = ["community_id", "owner_since", "family_since", "tenant_since", "reached_since"]
"""Beside the keys of an index: what a list of people asks for, answered by the index alone."""
IN_A_ROLE = "person_id * 128 + ascii(role)"
"""A person in a role as one number: roles are told apart by their first letter, which is ASCII."""


class Person(Keyed, Base):
    """One person of one community. Two people may share a phone, never an ID number.

    `..._since`: from when on they have a room in that role by an entry that says no end, and WeCom
    reaches them; NULL where it is not so. The database keeps them (migration 0013), so that lists of
    people need no other table; who leaves on a known day is told by `Occupancy` alone.
    """

    __tablename__ = "person"
    __table_args__ = (
        Index(None, "community_id", "name"),
        Index("ix_person_name_id", "name", "id", postgresql_include=STANDING),
        Index("ix_person_id", "id", postgresql_include=STANDING),
        Index("ix_person_settled", text(SETTLED), "id"),
        Index(None, "community_id", "phone_blind"),
        # One entry for each sign of a name: whom one or two signs in its middle may mean.
        Index("ix_person_signs", text("string_to_array(name, NULL)"), postgresql_using="gin"),
        Index("ix_person_phone_tail", text('"right"(phone_masked, 4)')),
        Index(
            "uq_person_id_number",
            "community_id",
            "id_number_blind",
            unique=True,
            postgresql_where=text("id_number_blind IS NOT NULL"),
        ),
        CheckConstraint("(phone_sealed IS NULL) = (phone_blind IS NULL)", name="phone_pair"),
        CheckConstraint(
            "(id_number_sealed IS NULL) = (id_number_blind IS NULL)",
            name="id_number_pair",
        ),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    kind: Mapped[PersonKind] = mapped_column(
        stored(PersonKind, "kind"), server_default=PersonKind.NATURAL
    )
    name: Mapped[str]
    phone_sealed: Mapped[bytes | None]
    phone_blind: Mapped[bytes | None]
    phone_masked: Mapped[str | None] = mapped_column(comment="138****0000")
    id_number_sealed: Mapped[bytes | None]
    id_number_blind: Mapped[bytes | None]
    id_number_masked: Mapped[str | None]
    birth_on: Mapped[date | None] = mapped_column(comment="14 岁以下须监护人同意")
    owner_since: Mapped[date | None] = mapped_column(
        info=KEPT, comment="作为业主、没有结束日的登记从哪天起，由数据库填写"
    )
    family_since: Mapped[date | None] = mapped_column(
        info=KEPT, comment="作为家属、没有结束日的登记从哪天起，由数据库填写"
    )
    tenant_since: Mapped[date | None] = mapped_column(
        info=KEPT, comment="作为租户、没有结束日的登记从哪天起，由数据库填写"
    )
    reached_since: Mapped[datetime | None] = mapped_column(
        info=KEPT, comment="企业微信从何时起能联系到，由数据库填写"
    )


class Consent(Keyed, Base):
    """单独同意: why we may hold a sensitive value, in which words, until withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (Index(None, "person_id"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[str]
    text_version: Mapped[str]
    given_at: Mapped[datetime]
    given_by: Mapped[str] = mapped_column(comment="谁登记的")
    withdrawn_at: Mapped[datetime | None]


class Occupancy(Keyed, Dated, Base):
    """A person in a room, in a role, for a time. At most one payer per room and day."""

    __tablename__ = "occupancy"
    __table_args__ = (
        Index(None, "person_id", "room_id", postgresql_include=["role", "from_on", "to_on"]),
        Index(None, "room_id", "from_on"),
        Index(
            "ix_occupancy_ending",
            "to_on",
            "role",
            "person_id",
            postgresql_where=text("to_on IS NOT NULL"),
            postgresql_include=["from_on"],
        ),
        CheckConstraint("to_on > from_on", name="order"),
        CheckConstraint("share > 0 AND share <= 1", name="share"),
        ExcludeConstraint(
            (days_at(IN_A_ROLE), "&&"),
            ("room_id", "="),
            name="ex_occupancy_once",
            # So it is of all rows; but said, it keeps the index to its purpose. Else the database
            # takes it for cheap and walks all of it to find where one person lives.
            where=text("to_on IS NULL OR to_on > from_on"),
        ),
        ExcludeConstraint(
            (days_at("room_id"), "&&"), name="ex_occupancy_one_payer", where=text("is_payer")
        ),
    )

    room_id: Mapped[int] = mapped_column(ForeignKey("room.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    role: Mapped[OccupancyRole] = mapped_column(stored(OccupancyRole, "role"))
    relation: Mapped[str | None] = mapped_column(comment="家属与业主的关系")
    share: Mapped[Rate | None] = mapped_column(comment="产权份额")
    is_payer: Mapped[bool] = mapped_column(server_default=text("false"), comment="由此人缴费")


class PersonChannel(Keyed, Base):
    """A WeCom external contact bound to a person, and the colleague whose customer he is."""

    __tablename__ = "person_channel"
    __table_args__ = (
        UniqueConstraint("community_id", "external_userid"),
        Index(None, "person_id", postgresql_include=["broken_reason"]),
        Index(None, "follower_userid"),
    )

    community_id: Mapped[int] = mapped_column(ForeignKey("community.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    external_userid: Mapped[str] = mapped_column(comment="企业微信外部联系人")
    follower_userid: Mapped[str] = mapped_column(comment="由哪位同事联系")
    bound_at: Mapped[datetime]
    broken_reason: Mapped[str | None] = mapped_column(comment="为何不可达；空 = 正常")
