"""programs"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("audit_entry", "status_change")
"""What a program does is told from what its colleague does: by the token it came with."""


def upgrade() -> None:
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "token_id", sa.BigInteger(), nullable=True,
                comment="由程序代办时，用的哪个接口令牌",
            ),
        )  # fmt: skip
        op.create_foreign_key(
            op.f(f"fk_{table}_token_id"), table, "api_token", ["token_id"], ["id"]
        )
    op.create_index(
        "ix_audit_entry_token_id_id", "audit_entry", ["token_id", "id"],
        postgresql_where=sa.text("token_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "ix_letter_staff_id", "letter", ["staff_id"],
        postgresql_where=sa.text("staff_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_letter_staff_id", table_name="letter")
    op.drop_index("ix_audit_entry_token_id_id", table_name="audit_entry")
    for table in TABLES:
        op.drop_column(table, "token_id")
