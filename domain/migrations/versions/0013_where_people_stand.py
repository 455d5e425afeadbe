"""where people stand"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS: dict[str, tuple[sa.Date | sa.DateTime, str]] = {
    "owner_since": (sa.Date(), "作为业主、没有结束日的登记从哪天起，由数据库填写"),
    "family_since": (sa.Date(), "作为家属、没有结束日的登记从哪天起，由数据库填写"),
    "tenant_since": (sa.Date(), "作为租户、没有结束日的登记从哪天起，由数据库填写"),
    "reached_since": (sa.DateTime(timezone=True), "企业微信从何时起能联系到，由数据库填写"),
}
SETTLED = sa.text("(COALESCE(LEAST(owner_since, family_since, tenant_since), 'infinity'::date))")
# Two acts about one person: the second waits for the row, and only then looks (a statement of its
# own sees what the first has committed).
KEEP_STAYS = """
CREATE FUNCTION keep_stays(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM person WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    UPDATE person p
       SET owner_since = s.owner, family_since = s.family, tenant_since = s.tenant
      FROM (SELECT one.id,
                   min(o.from_on) FILTER (WHERE o.role = 'owner') AS owner,
                   min(o.from_on) FILTER (WHERE o.role = 'family') AS family,
                   min(o.from_on) FILTER (WHERE o.role = 'tenant') AS tenant
              FROM unnest(people) one(id)
              LEFT JOIN occupancy o ON o.person_id = one.id AND o.to_on IS NULL
             GROUP BY one.id) s
     WHERE p.id = s.id
       AND (p.owner_since, p.family_since, p.tenant_since)
           IS DISTINCT FROM (s.owner, s.family, s.tenant);
END $$
"""
KEEP_REACH = """
CREATE FUNCTION keep_reach(people bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM person WHERE id = ANY (people) ORDER BY id FOR NO KEY UPDATE;
    UPDATE person p
       SET reached_since = s.since
      FROM (SELECT one.id, min(c.bound_at) AS since
              FROM unnest(people) one(id)
              LEFT JOIN person_channel c ON c.person_id = one.id AND c.broken_reason IS NULL
             GROUP BY one.id) s
     WHERE p.id = s.id AND p.reached_since IS DISTINCT FROM s.since;
END $$
"""
# What was changed to what it was, or in what is not kept (who pays), leaves people alone.
KEPT = """
CREATE FUNCTION {keep}_of() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM {keep}(ARRAY(SELECT DISTINCT person_id FROM later));
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM {keep}(ARRAY(SELECT DISTINCT person_id FROM earlier));
    ELSE
        PERFORM {keep}(ARRAY(
            SELECT DISTINCT unnest(ARRAY[earlier.person_id, later.person_id])
              FROM earlier JOIN later USING (id)
             WHERE ({before}) IS DISTINCT FROM ({after})));
    END IF;
    RETURN NULL;
END $$
"""
TELLING = {
    "keep_stays": ("occupancy", ("person_id", "role", "from_on", "to_on")),
    "keep_reach": ("person_channel", ("person_id", "bound_at", "broken_reason")),
}
TABLES = {
    "insert": "NEW TABLE AS later",
    "update": "OLD TABLE AS earlier NEW TABLE AS later",
    "delete": "OLD TABLE AS earlier",
}


def upgrade() -> None:
    for name, (kind, comment) in COLUMNS.items():
        op.add_column("person", sa.Column(name, kind, comment=comment))
    op.execute(KEEP_STAYS)
    op.execute(KEEP_REACH)
    for keep, (table, telling) in TELLING.items():
        op.execute(f"SELECT {keep}(ARRAY(SELECT id FROM person))")
        _tell(keep, table, telling)
    _found_with(["community_id", *COLUMNS])
    op.create_index("ix_person_settled", "person", [SETTLED, "id"])
    op.create_index("ix_person_id", "person", ["id"], postgresql_include=["community_id", *COLUMNS])
    op.create_index(
        "ix_occupancy_ending", "occupancy", ["to_on", "role", "person_id"],
        postgresql_where=sa.text("to_on IS NOT NULL"), postgresql_include=["from_on"],
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_occupancy_ending", table_name="occupancy")
    op.drop_index("ix_person_id", table_name="person")
    op.drop_index("ix_person_settled", table_name="person")
    _found_with([])
    for keep, (table, _) in TELLING.items():
        for event in TABLES:
            op.execute(f"DROP TRIGGER {table}_{keep}_{event} ON {table}")
        op.execute(f"DROP FUNCTION {keep}_of()")
        op.execute(f"DROP FUNCTION {keep}(bigint[])")
    for name in COLUMNS:
        op.drop_column("person", name)


def _found_with(beside: list[str]) -> None:
    """Names in order, with what a list asks for of people: answered by the index alone."""
    op.drop_index("ix_person_name_id", table_name="person")
    op.create_index(
        "ix_person_name_id", "person", ["name", "id"], postgresql_include=beside or None
    )


def _tell(keep: str, table: str, telling: tuple[str, ...]) -> None:
    """After every statement on a table the people it was about are looked at once."""
    before, after = (", ".join(f"{when}.{one}" for one in telling) for when in ("earlier", "later"))
    op.execute(KEPT.format(keep=keep, before=before, after=after))
    for event, tables in TABLES.items():
        op.execute(
            f"CREATE TRIGGER {table}_{keep}_{event} AFTER {event.upper()} ON {table}"
            f" REFERENCING {tables} FOR EACH STATEMENT EXECUTE FUNCTION {keep}_of()"
        )
