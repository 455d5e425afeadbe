"""shown sooner"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

RECEIVED = sa.text("receipt_no IS NOT NULL")
SIGNS = sa.text("string_to_array(name, NULL)")
DAYS = "room_id WITH =, daterange(from_on, to_on) WITH &&"
LINE = (
    "box(point(room_id, from_on - DATE '2000-01-01'),"
    " point(room_id, coalesce(to_on - DATE '2000-01-02', 2147483647))) WITH &&"
)
# Table, columns of the index before and after, what else it holds, which rows.
ANEW: tuple[tuple[str, list[str], list[str], list[str], sa.TextClause | None], ...] = (
    ("bill", ["payer_id"], ["payer_id", "period_start", "id"], ["community_id"], None),
    (
        "payment", ["payer_id"], ["payer_id", "received_at", "id"],
        ["receipt_no", "community_id"], None,
    ),
    (
        "payment", ["community_id", "received_at"], ["community_id", "received_at", "id"],
        ["receipt_no", "status"], None,
    ),
    ("payment", ["received_at", "id"], ["received_at", "id"], ["receipt_no", "status"], None),
    (
        "payment", ["method", "received_at", "id"], ["method", "received_at", "id"],
        ["status"], RECEIVED,
    ),
    ("room", ["kind", "community_id", "code"], ["kind", "community_id", "code", "id"], [], None),
    (
        "room", ["handover_on", "community_id", "code"],
        ["handover_on", "community_id", "code", "id"], [], None,
    ),
)  # fmt: skip


def upgrade() -> None:
    op.create_index("ix_person_signs", "person", [SIGNS], postgresql_using="gin")
    for table, before, after, beside, which in ANEW:
        op.drop_index(_name(table, before), table_name=table)
        op.create_index(
            _name(table, after), table, after,
            postgresql_include=beside or None, postgresql_where=which,
        )  # fmt: skip
    _vacant(LINE)
    op.create_index("ix_room_vacancy_room_id_from_on", "room_vacancy", ["room_id", "from_on"])


def downgrade() -> None:
    op.drop_index("ix_room_vacancy_room_id_from_on", table_name="room_vacancy")
    _vacant(DAYS)
    for table, before, after, _, _ in reversed(ANEW):
        op.drop_index(_name(table, after), table_name=table)
        op.create_index(_name(table, before), table, before)
    op.drop_index("ix_person_signs", table_name="person")


def _name(table: str, columns: list[str]) -> str:
    return f"ix_{table}_{'_'.join(columns)}"


def _vacant(what: str) -> None:
    op.drop_constraint("ex_room_vacancy_one_at_a_time", "room_vacancy")
    op.execute(
        "ALTER TABLE room_vacancy ADD CONSTRAINT ex_room_vacancy_one_at_a_time"
        f" EXCLUDE USING gist ({what})"
    )
