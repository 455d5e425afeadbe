"""screens"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INDEXES = (
    ("room", ["kind", "community_id", "code"]),
    ("room", ["handover_on", "community_id", "code"]),
    ("meter", ["serial", "id"]),
    ("meter_reading", ["read_on", "meter_id"]),
    ("room_charge", ["fee_item_id", "to_on"]),
    ("letter", ["community_id", "id"]),
    ("payment", ["method", "received_at", "id"]),
)
"""What lists are sorted and filtered by, and had to look through everything for."""
PARTIAL = (
    ("ix_letter_failed", "letter", ["id"], "status = 'failed'"),
    ("ix_letter_opened", "letter", ["id"], "status = 'opened'"),
    ("ix_bill_owing_payer", "bill", ["payer_id"], "status IN ('issued', 'partly_paid')"),
    ("ix_bill_owing_since", "bill", ["due_on", "id"], "status IN ('issued', 'partly_paid')"),
)
BEFORE = "status IN ('draft', 'discarded', 'written_off', 'reversed')"
ASIDE = "status IN ('draft', 'discarded', 'written_off', 'reversed', 'partly_paid')"


OF_A_COMMUNITY = (
    "person", "bill", "bill_run", "payment", "import_batch", "room", "building", "flow_start",
    "letter", "fee_item", "meter",
)  # fmt: skip
PLACED = """
    INSERT INTO audit_place (entry_id, community_id, action, at)
    SELECT e.id, t.{community}, e.action, e.at FROM audit_entry e JOIN {table} t ON t.id = e.subject_id
     WHERE e.subject = '{table}' AND t.{community} IS NOT NULL"""


def upgrade() -> None:
    for table, columns in INDEXES:
        op.create_index(_name(table, columns), table, columns)
    for name, table, columns, where in PARTIAL:
        op.create_index(name, table, columns, postgresql_where=text(where))
    _aside(ASIDE)
    _places()


def downgrade() -> None:
    op.drop_table("audit_place")
    _aside(BEFORE)
    for name, table, _, _ in reversed(PARTIAL):
        op.drop_index(name, table_name=table)
    for table, columns in reversed(INDEXES):
        op.drop_index(_name(table, columns), table_name=table)


def _places() -> None:
    op.create_table(
        "audit_place",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("community_id", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_entry.id"], name=op.f("fk_audit_place_entry_id")
        ),
        sa.ForeignKeyConstraint(
            ["community_id"], ["community.id"], name=op.f("fk_audit_place_community_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_place")),
    )
    for table in OF_A_COMMUNITY:
        op.execute(PLACED.format(table=table, community="community_id"))
    op.execute(PLACED.format(table="community", community="id"))
    for columns in (["community_id", "entry_id"], ["community_id", "action", "entry_id"]):
        op.create_index(_name("audit_place", columns), "audit_place", columns)


def _aside(where: str) -> None:
    op.drop_index("ix_bill_aside", table_name="bill")
    columns = ["status", "period_start", "id"]
    op.create_index("ix_bill_aside", "bill", columns, postgresql_where=text(where))


def _name(table: str, columns: list[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"
