"""cards and scope"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_letter_attempt_card",
        "letter_attempt",
        ["id"],
        postgresql_where=text("response_code IS NOT NULL"),
    )
    op.add_column(
        "wecom_department",
        sa.Column(
            "whole_company",
            sa.Boolean(),
            server_default=text("false"),
            nullable=False,
            comment="成员的岗位在全部小区有效",
        ),
    )
    op.create_check_constraint(
        "scope", "wecom_department", "community_id IS NULL OR NOT whole_company"
    )


def downgrade() -> None:
    op.drop_column("wecom_department", "whole_company")
    op.drop_index("ix_letter_attempt_card", "letter_attempt")
