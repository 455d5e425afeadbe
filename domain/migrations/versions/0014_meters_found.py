"""meters found"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

ROOM_CODE = "房屋的编号，由数据库填写"
LAST_READ_ON = "最后一次读数的日期，由数据库填写"
PLAIN = ("building_id", "from_on", "to_on")

# The room is locked: one that is called something else meanwhile is waited for and read again.
PLACE = """
CREATE OR REPLACE FUNCTION place_meter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT building_id, code INTO NEW.building_id, NEW.room_code
      FROM room WHERE id = NEW.room_id FOR KEY SHARE;
    RETURN NEW;
END $$
"""
PLACED = """
CREATE OR REPLACE FUNCTION place_meter() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT building_id INTO NEW.building_id FROM room WHERE id = NEW.room_id;
    RETURN NEW;
END $$
"""
CALL = """
CREATE FUNCTION call_meters() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE meter SET room_code = NEW.code WHERE room_id = NEW.id;
    RETURN NULL;
END $$
"""
# Two acts about one meter: the second waits for the row, and only then looks (a statement of its
# own sees what the first has committed).
KEEP_READS = """
CREATE FUNCTION keep_reads(meters bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM meter WHERE id = ANY (meters) ORDER BY id FOR NO KEY UPDATE;
    UPDATE meter m
       SET last_read_on = s.last
      FROM unnest(meters) one(id) CROSS JOIN LATERAL
           (SELECT max(r.read_on) AS last FROM meter_reading r WHERE r.meter_id = one.id) s
     WHERE m.id = one.id AND m.last_read_on IS DISTINCT FROM s.last;
END $$
"""
# New readings need no look at the old ones; but they, too, wait for who takes one back meanwhile.
# What a dial said may be put right without its day being another one.
KEEP_READS_OF = """
CREATE FUNCTION keep_reads_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM FROM meter WHERE id IN (SELECT meter_id FROM later) ORDER BY id FOR NO KEY UPDATE;
        UPDATE meter m
           SET last_read_on = s.last
          FROM (SELECT meter_id, max(read_on) AS last FROM later GROUP BY meter_id) s
         WHERE m.id = s.meter_id AND (m.last_read_on IS NULL OR m.last_read_on < s.last);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM keep_reads(ARRAY(SELECT DISTINCT meter_id FROM earlier));
    ELSE
        PERFORM keep_reads(ARRAY(
            SELECT DISTINCT unnest(ARRAY[earlier.meter_id, later.meter_id])
              FROM earlier FULL JOIN later USING (id)
             WHERE (earlier.meter_id, earlier.read_on)
                   IS DISTINCT FROM (later.meter_id, later.read_on)));
    END IF;
    RETURN NULL;
END $$
"""
TABLES = {
    "insert": "NEW TABLE AS later",
    "update": "OLD TABLE AS earlier NEW TABLE AS later",
    "delete": "OLD TABLE AS earlier",
}


def upgrade() -> None:
    _columns()
    op.execute(PLACE)
    op.execute(CALL)
    op.execute(
        "CREATE TRIGGER room_called AFTER UPDATE OF code ON room FOR EACH ROW"
        " WHEN (OLD.code <> NEW.code) EXECUTE FUNCTION call_meters()"
    )
    op.execute(KEEP_READS)
    op.execute(KEEP_READS_OF)
    for event, tables in TABLES.items():
        op.execute(
            f"CREATE TRIGGER meter_reading_keep_reads_{event} AFTER {event.upper()} ON meter_reading"
            f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION keep_reads_of()"
        )


def downgrade() -> None:
    for event in TABLES:
        op.execute(f"DROP TRIGGER meter_reading_keep_reads_{event} ON meter_reading")
    op.execute("DROP FUNCTION keep_reads_of()")
    op.execute("DROP FUNCTION keep_reads(bigint[])")
    op.execute("DROP TRIGGER room_called ON room")
    op.execute("DROP FUNCTION call_meters()")
    op.execute(PLACED)
    _index([])
    op.drop_index("ix_meter_community_id_room_code_kind_id", table_name="meter")
    for one in PLAIN:
        op.drop_index(f"ix_meter_{one}", table_name="meter")
    op.drop_column("meter", "last_read_on")
    op.drop_column("meter", "room_code")
    op.execute("ALTER TABLE meter RESET (fillfactor)")


def _columns() -> None:
    """A reading changes its meter where it stands: no index is told, for there is room beside it."""
    op.add_column("meter", sa.Column("room_code", sa.Text(), comment=ROOM_CODE))
    op.add_column("meter", sa.Column("last_read_on", sa.Date(), comment=LAST_READ_ON))
    op.execute("ALTER TABLE meter SET (fillfactor = 50)")
    op.execute(
        "UPDATE meter SET room_code = r.code, last_read_on ="
        " (SELECT max(x.read_on) FROM meter_reading x WHERE x.meter_id = meter.id)"
        " FROM room r WHERE r.id = meter.room_id"
    )
    op.alter_column("meter", "room_code", nullable=False)
    beside = ["building_id", "from_on", "to_on"]
    op.create_index(
        "ix_meter_community_id_room_code_kind_id", "meter",
        ["community_id", "room_code", "kind", "id"], postgresql_include=beside,
    )  # fmt: skip
    for one in PLAIN:
        op.create_index(f"ix_meter_{one}", "meter", [one])
    _index(["community_id", *beside])


def _index(beside: list[str]) -> None:
    op.drop_index("ix_meter_serial_id", table_name="meter")
    op.create_index(
        "ix_meter_serial_id", "meter", ["serial", "id"], postgresql_include=beside or None
    )
