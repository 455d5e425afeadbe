"""initials"""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _exclude("ascii(role)")


def downgrade() -> None:
    _exclude("role")


def _exclude(role: str) -> None:
    op.drop_constraint("ex_occupancy_once", "occupancy")
    op.execute(
        "ALTER TABLE occupancy ADD CONSTRAINT ex_occupancy_once EXCLUDE USING gist"
        f" (room_id WITH =, person_id WITH =, ({role}) WITH =, daterange(from_on, to_on) WITH &&)"
    )
