"""found sooner"""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_occupancy_person_id_room_id", "occupancy", ["person_id", "room_id"])
    op.drop_index("ix_occupancy_person_id", table_name="occupancy")
    op.create_index("ix_audit_place_community_id_at", "audit_place", ["community_id", "at"])
    _exclude(" WHERE (to_on IS NULL OR to_on > from_on)")


def downgrade() -> None:
    _exclude("")
    op.drop_index("ix_audit_place_community_id_at", table_name="audit_place")
    op.create_index("ix_occupancy_person_id", "occupancy", ["person_id"])
    op.drop_index("ix_occupancy_person_id_room_id", table_name="occupancy")


def _exclude(which: str) -> None:
    op.drop_constraint("ex_occupancy_once", "occupancy")
    op.execute(
        "ALTER TABLE occupancy ADD CONSTRAINT ex_occupancy_once EXCLUDE USING gist (room_id WITH =,"
        f" person_id WITH =, (ascii(role)) WITH =, daterange(from_on, to_on) WITH &&){which}"
    )
