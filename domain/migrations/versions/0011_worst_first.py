"""worst first"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PLACE = """
CREATE FUNCTION place_meter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT building_id INTO NEW.building_id FROM room WHERE id = NEW.room_id;
    RETURN NEW;
END $$
"""
OWING = text("status IN ('issued', 'partly_paid')")


def upgrade() -> None:
    _buildings_of_meters()
    op.create_index("ix_room_area_room_id_from_on", "room_area", ["room_id", "from_on"])
    op.create_index(
        "ix_room_building_id_community_id_code", "room", ["building_id", "community_id", "code"]
    )
    op.create_index(
        "ix_letter_person_id_id", "letter", ["person_id", "id"], postgresql_include=["status"]
    )
    op.drop_index("ix_letter_person_id", table_name="letter")
    _owing_since(["status"])
    _failed(["kind"])
    op.create_index("ix_bill_owing_room", "bill", ["room_id"], postgresql_where=OWING)
    _people(["role", "from_on", "to_on"], ["broken_reason"])


def downgrade() -> None:
    _people([], [])
    op.drop_index("ix_bill_owing_room", table_name="bill")
    _failed([])
    _owing_since([])
    op.create_index("ix_letter_person_id", "letter", ["person_id"])
    op.drop_index("ix_letter_person_id_id", table_name="letter")
    op.drop_index("ix_room_building_id_community_id_code", table_name="room")
    op.drop_index("ix_room_area_room_id_from_on", table_name="room_area")
    _rooms_of_meters()


def _buildings_of_meters() -> None:
    """Every meter says in which building it is; a room never changes its own."""
    op.create_unique_constraint("uq_room_building_id_id", "room", ["building_id", "id"])
    op.drop_index("ix_room_building_id_id", table_name="room")
    comment = "房屋所在的楼栋，由数据库填写"
    op.add_column("meter", sa.Column("building_id", sa.BigInteger(), comment=comment))
    op.execute(
        "UPDATE meter SET building_id = r.building_id FROM room r WHERE r.id = meter.room_id"
    )
    op.alter_column("meter", "building_id", nullable=False)
    op.drop_constraint("fk_meter_room_id", "meter")
    op.create_foreign_key(
        "fk_meter_building_id_room_id", "meter", "room",
        ["building_id", "room_id"], ["building_id", "id"],
    )  # fmt: skip
    op.execute(PLACE)
    op.execute(
        "CREATE TRIGGER meter_placed BEFORE INSERT ON meter"
        " FOR EACH ROW EXECUTE FUNCTION place_meter()"
    )


def _rooms_of_meters() -> None:
    op.execute("DROP TRIGGER meter_placed ON meter")
    op.execute("DROP FUNCTION place_meter()")
    op.drop_constraint("fk_meter_building_id_room_id", "meter")
    op.create_foreign_key("fk_meter_room_id", "meter", "room", ["room_id"], ["id"])
    op.drop_column("meter", "building_id")
    op.create_index("ix_room_building_id_id", "room", ["building_id", "id"])
    op.drop_constraint("uq_room_building_id_id", "room")


def _people(of_rooms: list[str], of_channels: list[str]) -> None:
    """Who lives somewhere, in what role, and whom WeCom reaches: answered by the index alone."""
    op.drop_index("ix_occupancy_person_id_room_id", table_name="occupancy")
    op.create_index(
        "ix_occupancy_person_id_room_id", "occupancy", ["person_id", "room_id"],
        postgresql_include=of_rooms or None,
    )  # fmt: skip
    op.drop_index("ix_person_channel_person_id", table_name="person_channel")
    op.create_index(
        "ix_person_channel_person_id", "person_channel", ["person_id"],
        postgresql_include=of_channels or None,
    )  # fmt: skip


def _failed(beside: list[str]) -> None:
    """Letters that did not arrive: with their kind beside them those of one kind are counted."""
    op.drop_index("ix_letter_failed", table_name="letter")
    op.create_index(
        "ix_letter_failed", "letter", ["id"],
        postgresql_where=text("status = 'failed'"), postgresql_include=beside or None,
    )  # fmt: skip


def _owing_since(beside: list[str]) -> None:
    """Bills that are owed, by the day: `beside` stands in the index for counting."""
    op.drop_index("ix_bill_owing_since", table_name="bill")
    op.create_index(
        "ix_bill_owing_since", "bill", ["due_on", "id"],
        postgresql_where=OWING, postgresql_include=beside or None,
    )  # fmt: skip
