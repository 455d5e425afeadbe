"""Meters of a part: from which reading to which, as the last bill left them and as they stand now.

The closing reading is the latest one dated inside the period or on the day after it (readings tell
the start of a day). The opening one is that with which the last live line of the item ended, as it
was billed: a missed month is caught up, an estimate is corrected. A meter that was never billed
starts with its latest reading up to the first day of the period, or with its first one inside.
"""

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build
from domain.fees.calc.meters import use_sql

ALONE = (
    "meter_id, serial, multiplier, digits, first, first_on, first_estimated, last, last_on,"
    " last_estimated, rolled_over"
)
NOT_ALONE = (
    "NULL, NULL, NULL::numeric, NULL, NULL::numeric, NULL::date, NULL::boolean, NULL::numeric,"
    " NULL::date, NULL::boolean, NULL::boolean"
)


def uses(build: Build, item: Item) -> str:
    """A CTE, one row per room with a meter: room_id, use (four decimals), error (a code, or NULL),
    told (JSON text), reached (where on its ladder the last bill ended), meters (how many); and the
    columns ALONE where there is one.
    """
    sql = use_sql(
        first="first", last="last", multiplier="multiplier", digits="digits",
        rolled_over="rolled_over", estimated="first_estimated",
    )  # fmt: skip
    dials = build.cte(f"dials_{item.id}", f"""
      SELECT d.*, {sql.use} AS use, {sql.error} AS error, {told()} AS told
        FROM ({_readings(build, item)} OFFSET 0) d""")  # fmt: skip
    several = build.cte(f"several_{item.id}", f"""
      SELECT room_id FROM {dials} GROUP BY room_id HAVING count(*) > 1""")  # fmt: skip
    return build.cte(f"uses_{item.id}", f"""
      SELECT room_id, round(use, 4) AS use, error, told, reached, 1 AS meters, {ALONE}
        FROM {dials} d
       WHERE NOT EXISTS (SELECT FROM {several} s WHERE s.room_id = d.room_id)
       UNION ALL
      SELECT room_id, round(sum(use), 4), min(error), string_agg(told, ', ' ORDER BY first_on, meter_id),
             max(reached), count(*), {NOT_ALONE}
        FROM {dials} JOIN {several} USING (room_id) GROUP BY room_id""")  # fmt: skip


def told(
    first: str = "first", first_on: str = "first_on", last: str = "last", last_on: str = "last_on",
    estimated: str = "last_estimated",
) -> str:  # fmt: skip
    """JSON text of what a line freezes of a meter; `id`, `last`, `last_on`, `estimated` are where the
    next bill begins. Put together as text because that takes half the time; days need DateStyle ISO.
    """
    return f"""'{{"id": ' || meter_id || ', "serial": ' || to_json(serial)
             || ', "first": "' || trim_scale({first}) || '", "first_on": "' || {first_on}
             || '", "last": "' || trim_scale({last}) || '", "last_on": "' || {last_on}
             || '", "multiplier": "' || trim_scale(multiplier)
             || '", "estimated": ' || {estimated} || '}}'"""


def _readings(build: Build, item: Item) -> str:
    """Meters that turned in the period, or were taken out before it and never settled."""
    start, end = build.day(item.period.start), build.day(item.period.end)
    kind = build.words(item.meter_kind.value if item.meter_kind else None)
    return f"""
      SELECT m.room_id, m.id AS meter_id, m.serial, m.multiplier, m.digits, b.reached,
             COALESCE(b.value, o.value, i.value) AS first,
             COALESCE(b.read_on, o.read_on, i.read_on) AS first_on,
             COALESCE(b.estimated, o.kind = 'estimated', i.kind = 'estimated', FALSE)
               AS first_estimated,
             l.value AS last, l.read_on AS last_on, COALESCE(l.kind = 'estimated', FALSE)
               AS last_estimated, COALESCE(l.rolled_over, FALSE) AS rolled_over
        FROM meter m
        JOIN rooms r ON r.room_id = m.room_id
        LEFT JOIN {_billed(build, item)} b ON b.meter_id = m.id
        LEFT JOIN LATERAL (
             SELECT value, read_on, kind FROM meter_reading
              WHERE b.meter_id IS NULL AND meter_id = m.id AND read_on <= {start}
              ORDER BY read_on DESC LIMIT 1) o ON TRUE
        LEFT JOIN LATERAL (
             SELECT value, read_on, kind FROM meter_reading
              WHERE b.meter_id IS NULL AND o.read_on IS NULL AND meter_id = m.id
                AND read_on > {start} AND read_on <= {end}
              ORDER BY read_on LIMIT 1) i ON TRUE
        LEFT JOIN LATERAL (
             SELECT value, read_on, kind, bool_or(rolled_over) OVER () AS rolled_over
               FROM meter_reading
              WHERE meter_id = m.id AND read_on <= {end}
                AND read_on > COALESCE(b.read_on, o.read_on, i.read_on)
                AND (read_on > {start} OR m.to_on <= {start})
              ORDER BY read_on DESC LIMIT 1) l ON TRUE
       WHERE m.kind = {kind} AND {build.near("m.room_id")} AND m.from_on < {end}
         AND (m.to_on IS NULL OR m.to_on > {start} OR m.to_on > b.read_on)"""


def _billed(build: Build, item: Item) -> str:
    """Where each meter stood when the item was last billed in its room, before this period."""
    return build.cte(f"billed_{item.id}", f"""
      SELECT (m ->> 'id')::bigint AS meter_id, (m ->> 'last')::numeric AS value,
             (m ->> 'last_on')::date AS read_on, (m ->> 'estimated')::boolean AS estimated, reached
        FROM rooms r CROSS JOIN LATERAL (
             SELECT b.detail -> 'meters' AS meters,
                    b.quantity + COALESCE((b.detail ->> 'before')::numeric, 0) AS reached
               FROM bill_line b
              WHERE b.room_id = r.room_id AND b.fee_item_id = {build.whole(item.id)} AND b.live
                AND b.period_start < {build.day(item.period.start)}
              ORDER BY b.period_start DESC LIMIT 1) l, jsonb_array_elements(l.meters) m""")  # fmt: skip
