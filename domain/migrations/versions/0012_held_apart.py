"""held apart"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

ALWAYS = " WHERE (to_on IS NULL OR to_on > from_on)"
RANGE = "daterange(from_on, to_on) WITH &&"


def upgrade() -> None:
    room = _line("room_id")
    person = _line("person_id * 128 + ascii(role)")
    _exclude("room_area", "ex_room_area_one_at_a_time", room)
    _exclude("occupancy", "ex_occupancy_one_payer", room, " WHERE (is_payer)")
    _exclude("occupancy", "ex_occupancy_once", f"{person}, room_id WITH =", ALWAYS)


def downgrade() -> None:
    person = "person_id WITH =, (ascii(role)) WITH ="
    _exclude("occupancy", "ex_occupancy_once", f"room_id WITH =, {person}, {RANGE}", ALWAYS)
    _exclude("occupancy", "ex_occupancy_one_payer", f"room_id WITH =, {RANGE}", " WHERE (is_payer)")
    _exclude("room_area", "ex_room_area_one_at_a_time", f"room_id WITH =, {RANGE}")


def _line(key: str) -> str:
    first, last = "from_on - DATE '2000-01-01'", "to_on - DATE '2000-01-02'"
    box = f"box(point({key}, {first}), point({key}, coalesce({last}, 2147483647)))"
    return f"{box} WITH &&"


def _exclude(table: str, name: str, what: str, where: str = "") -> None:
    op.drop_constraint(name, table)
    op.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ({what}){where}")
