"""what was asked"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PAID = """
    UPDATE payment p SET asked_bills = a.bills
      FROM (SELECT payment_id, array_agg(bill_id) AS bills FROM allocation
             WHERE payment_id IS NOT NULL AND releases_id IS NULL GROUP BY payment_id) a
     WHERE a.payment_id = p.id"""


def upgrade() -> None:
    op.add_column(
        "payment",
        sa.Column(
            "asked_bills", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False,
            comment="那次点击要收的账单；钱可能不够付到最后一张",
        ),
    )  # fmt: skip
    op.execute(PAID)  # of earlier ones nobody knows more


def downgrade() -> None:
    op.drop_column("payment", "asked_bills")
