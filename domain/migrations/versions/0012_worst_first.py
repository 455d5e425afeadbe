"""worst first"""

from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0010"
branch_labels = None
depends_on = None

OWING = text("status IN ('issued', 'partly_paid')")


def upgrade() -> None:
    op.create_index("ix_room_area_room_id_from_on", "room_area", ["room_id", "from_on"])
    op.create_index(
        "ix_room_building_id_community_id_code", "room", ["building_id", "community_id", "code"]
    )
    op.create_index(
        "ix_letter_person_id_id", "letter", ["person_id", "id"], postgresql_include=["status"]
    )
    op.drop_index("ix_letter_person_id", table_name="letter")
    _owing_since(["status"])


def downgrade() -> None:
    _owing_since([])
    op.create_index("ix_letter_person_id", "letter", ["person_id"])
    op.drop_index("ix_letter_person_id_id", table_name="letter")
    op.drop_index("ix_room_building_id_community_id_code", table_name="room")
    op.drop_index("ix_room_area_room_id_from_on", table_name="room_area")


def _owing_since(beside: list[str]) -> None:
    """Bills that are owed, by the day: `beside` stands in the index for counting."""
    op.drop_index("ix_bill_owing_since", table_name="bill")
    op.create_index(
        "ix_bill_owing_since", "bill", ["due_on", "id"],
        postgresql_where=OWING, postgresql_include=beside or None,
    )  # fmt: skip
