"""supplements"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

PERIOD = ["community_id", "period_start"]
OPEN = "status NOT IN ('issued', 'rejected', 'reversed')"
LIVE = "status NOT IN ('rejected', 'reversed')"


def upgrade() -> None:
    op.add_column(
        "bill_run",
        sa.Column(
            "supplements_id", sa.BigInteger(), nullable=True, comment="补账：补哪一批已出的账"
        ),
    )
    op.create_foreign_key(
        "fk_bill_run_supplements_id", "bill_run", "bill_run", ["supplements_id"], ["id"]
    )
    op.add_column(
        "bill_run_chunk",
        sa.Column(
            "room_ids",
            sa.ARRAY(sa.BigInteger()),
            nullable=True,
            comment="补账只算这些房屋；空为全部",
        ),
    )
    op.create_index("ix_bill_run_community_id_period_start", "bill_run", PERIOD)
    op.create_index(
        "uq_bill_run_open_period", "bill_run", PERIOD, unique=True, postgresql_where=sa.text(OPEN)
    )
    op.drop_index("uq_bill_run_live_period", table_name="bill_run")


def downgrade() -> None:
    """Refused by the database where a month has a supplement: one live run per month held then."""
    op.create_index(
        "uq_bill_run_live_period", "bill_run", PERIOD, unique=True, postgresql_where=sa.text(LIVE)
    )
    op.drop_index("uq_bill_run_open_period", table_name="bill_run")
    op.drop_index("ix_bill_run_community_id_period_start", table_name="bill_run")
    op.drop_column("bill_run_chunk", "room_ids")
    op.drop_constraint("fk_bill_run_supplements_id", "bill_run")
    op.drop_column("bill_run", "supplements_id")
