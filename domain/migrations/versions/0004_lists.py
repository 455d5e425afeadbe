"""lists"""

from alembic import op
from sqlalchemy import text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_bill_community_id_period_start_id", "bill", ["community_id", "period_start", "id"], None),
    ("ix_bill_period_start_id", "bill", ["period_start", "id"], None),
    (
        "ix_bill_aside",
        "bill",
        ["status", "period_start", "id"],
        "status IN ('draft', 'discarded', 'written_off', 'reversed')",
    ),
    ("ix_payment_received_at_id", "payment", ["received_at", "id"], None),
    ("ix_payment_aside", "payment", ["status", "received_at", "id"], "status <> 'paid'"),
    ("ix_letter_superseded", "letter", ["id"], "status = 'superseded'"),
    ("ix_letter_kind_id", "letter", ["kind", "id"], None),
)
"""What the desk's lists sort and filter by, at a million bills."""


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, postgresql_where=text(where) if where else None)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name=table)
