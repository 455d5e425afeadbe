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


def downgrade() -> None:
    op.drop_index("ix_audit_place_community_id_at", table_name="audit_place")
    op.create_index("ix_occupancy_person_id", "occupancy", ["person_id"])
    op.drop_index("ix_occupancy_person_id_room_id", table_name="occupancy")
