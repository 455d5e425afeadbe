"""found"""

from alembic import op
from sqlalchemy import text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_person_name_id", "person", ["name", "id"]),
    ("ix_person_phone_tail", "person", [text('"right"(phone_masked, 4)')]),
    ("ix_person_channel_follower_userid", "person_channel", ["follower_userid"]),
    ("ix_room_code", "room", ["code"]),
    ("ix_room_door", "room", ["door"]),
    ("ix_audit_entry_actor_id_id", "audit_entry", ["actor_id", "id"]),
    ("ix_audit_entry_action_id", "audit_entry", ["action", "id"]),
    ("ix_audit_entry_at", "audit_entry", ["at"]),
)
"""What owners and the audit are searched by, at a hundred thousand people."""


def upgrade() -> None:
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
