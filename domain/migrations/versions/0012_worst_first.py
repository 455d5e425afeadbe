"""worst first"""

from alembic import op

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_room_area_room_id_from_on", "room_area", ["room_id", "from_on"])
    op.create_index(
        "ix_letter_person_id_id", "letter", ["person_id", "id"], postgresql_include=["status"]
    )
    op.drop_index("ix_letter_person_id", table_name="letter")


def downgrade() -> None:
    op.create_index("ix_letter_person_id", "letter", ["person_id"])
    op.drop_index("ix_letter_person_id_id", table_name="letter")
    op.drop_index("ix_room_area_room_id_from_on", table_name="room_area")
