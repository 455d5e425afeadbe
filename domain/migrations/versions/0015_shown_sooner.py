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
ROOMS = (["kind", "community_id", "code"], ["handover_on", "community_id", "code"])


def upgrade() -> None:
    op.create_index("ix_person_signs", "person", [SIGNS], postgresql_using="gin")
    _payments(["community_id", "received_at"], drop=True)
    _payments(["received_at", "id"], drop=True)
    _payments(["method", "received_at", "id"], drop=True)
    _payments(["community_id", "received_at", "id"], include=["receipt_no", "status"])
    _payments(["received_at", "id"], include=["receipt_no", "status"])
    _payments(["method", "received_at", "id"], include=["status"], where=RECEIVED)
    for columns in ROOMS:
        _rooms(columns, drop=True)
        _rooms([*columns, "id"])
    _vacant(LINE)
    op.create_index("ix_room_vacancy_room_id_from_on", "room_vacancy", ["room_id", "from_on"])


def downgrade() -> None:
    op.drop_index("ix_room_vacancy_room_id_from_on", table_name="room_vacancy")
    _vacant(DAYS)
    for columns in ROOMS:
        _rooms([*columns, "id"], drop=True)
        _rooms(columns)
    _payments(["community_id", "received_at", "id"], drop=True)
    _payments(["received_at", "id"], drop=True)
    _payments(["method", "received_at", "id"], drop=True)
    _payments(["community_id", "received_at"])
    _payments(["received_at", "id"])
    _payments(["method", "received_at", "id"])
    op.drop_index("ix_person_signs", table_name="person")


def _payments(
    columns: list[str],
    *,
    drop: bool = False,
    include: list[str] | None = None,
    where: sa.TextClause | None = None,
) -> None:
    name = f"ix_payment_{'_'.join(columns)}"
    if drop:
        op.drop_index(name, table_name="payment")
    else:
        op.create_index(
            name, "payment", columns, postgresql_include=include, postgresql_where=where
        )


def _rooms(columns: list[str], *, drop: bool = False) -> None:
    name = f"ix_room_{'_'.join(columns)}"
    if drop:
        op.drop_index(name, table_name="room")
    else:
        op.create_index(name, "room", columns)


def _vacant(what: str) -> None:
    op.drop_constraint("ex_room_vacancy_one_at_a_time", "room_vacancy")
    op.execute(
        "ALTER TABLE room_vacancy ADD CONSTRAINT ex_room_vacancy_one_at_a_time"
        f" EXCLUDE USING gist ({what})"
    )
