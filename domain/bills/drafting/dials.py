"""Meters of a part: from which reading to which, as the last bill left them and as they stand now.

The closing reading is the latest one dated inside the period or on the day after it (readings tell
the start of a day). The opening one is that with which the last live line of the item ended, as it
was billed: a missed month is caught up, an estimate is corrected. A meter that was never billed
starts with its latest reading up to the first day of the period, or with its first one inside.
"""

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build
from domain.fees.calc.meters import use_sql


def uses(build: Build, item: Item) -> str:
    """A CTE, one row per room with a meter: room_id, use (four decimals, NULL if error), error,
    meters (how many), meter_id and first_on, last_on and the like of one of them, told (JSON),
    reached (where on its ladder the last bill ended).
    """
    sql = use_sql(
        first="first", last="last", multiplier="multiplier", digits="digits",
        rolled_over="rolled_over", estimated="first_estimated",
    )  # fmt: skip
    return build.cte(f"uses_{item.id}", f"""
      SELECT room_id, round(sum(use), 4) AS use, min(error) AS error, count(*) AS meters,
             min(meter_id) AS meter_id, min(first_on) AS first_on, min(last_on) AS last_on,
             min(first) AS first, bool_or(first_estimated) AS first_estimated, min(last) AS last,
             bool_or(last_estimated) AS last_estimated, bool_or(rolled_over) AS rolled_over,
             min(multiplier) AS multiplier, min(digits) AS digits, min(serial) AS serial,
             jsonb_agg({told()} ORDER BY first_on, meter_id) AS told, max(reached) AS reached
        FROM (SELECT d.*, {sql.use} AS use, {sql.error} AS error
                FROM {_dials(build, item)} d OFFSET 0) d
       GROUP BY room_id""")  # fmt: skip


def told(
    first: str = "first", first_on: str = "first_on", last: str = "last", last_on: str = "last_on",
    estimated: str = "last_estimated",
) -> str:  # fmt: skip
    """SQL of what a line freezes of a meter; `id`, `last`, `last_on` are where the next one begins."""
    return f"""jsonb_build_object(
        'id', meter_id, 'serial', serial, 'first', trim_scale({first})::text, 'first_on', {first_on},
        'last', trim_scale({last})::text, 'last_on', {last_on},
        'multiplier', trim_scale(multiplier)::text, 'estimated', {estimated})"""


def _dials(build: Build, item: Item) -> str:
    """Meters that turned in the period, or were taken out before it and never settled."""
    start, end = build.day(item.period.start), build.day(item.period.end)
    kind = build.words(item.meter_kind.value if item.meter_kind else None)
    return build.cte(f"dials_{item.id}", f"""
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
         AND (m.to_on IS NULL OR m.to_on > {start} OR m.to_on > b.read_on)""")  # fmt: skip


def _billed(build: Build, item: Item) -> str:
    """Where each meter stood when the item was last billed in its room, before this period."""
    last = build.cte(f"last_{item.id}", f"""
      SELECT r.room_id, l.meters, l.reached
        FROM rooms r CROSS JOIN LATERAL (
             SELECT b.detail -> 'meters' AS meters,
                    b.quantity + COALESCE((b.detail ->> 'before')::numeric, 0) AS reached
               FROM bill_line b
              WHERE b.room_id = r.room_id AND b.fee_item_id = {build.whole(item.id)} AND b.live
                AND b.period_start < {build.day(item.period.start)}
              ORDER BY b.period_start DESC LIMIT 1) l""")  # fmt: skip
    return build.cte(f"billed_{item.id}", f"""
      SELECT (m ->> 'id')::bigint AS meter_id, (m ->> 'last')::numeric AS value,
             (m ->> 'last_on')::date AS read_on, (m ->> 'estimated')::boolean AS estimated, reached
        FROM {last}, jsonb_array_elements(meters) m""")  # fmt: skip
