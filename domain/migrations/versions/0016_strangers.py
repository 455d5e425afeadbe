"""strangers"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unknown_login",
        sa.Column("mark", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "failures", sa.BigInteger(), server_default="0", nullable=False, comment="连续输错几次"
        ),
        sa.Column("blocked_until", sa.DateTime(timezone=True)),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_unknown_login_failures")),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_unknown_login")),
    )
    op.create_index("ix_unknown_login_tried_at", "unknown_login", ["tried_at"])


def downgrade() -> None:
    op.drop_table("unknown_login")
