"""抄表: the use of a room's meters, cut at readings and by days, laid on the ladder of its payer.

Four steps, each a CTE: `spans` (pieces of days, and the readings around them), `cut` (their part of
the use), `climb` (where on the payer's ladder they begin), `tiers` (what falls into each tier).
"""

from datetime import date

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build
from domain.bills.drafting.dials import told, uses
from domain.bills.drafting.pieces import longest_ladder, pieces
from domain.fees.calc.line_sql import cut_sql, yuan_to_fen_sql
from domain.fees.calc.meters import use_sql
from domain.fees.calc.tiers import part_sql, scaled_sql

DRY_KINDS = "('parking', 'storage')"
"""Rooms that need no meter, unless the item is priced for their kind or they are listed."""


def metered(build: Build, item: Item) -> str:
    """Lines of a metered item; a room without a reading has a problem instead."""
    count = longest_ladder(item)
    numbers = range(1, count + 1)
    _spans(build, item, count)
    _cut(build, item)
    _climb(build, item)
    _tiers(build, item, count)
    yuan = " + ".join(f"COALESCE(part_{n} * price_{n}, 0)" for n in numbers)
    return f"""
      SELECT room_id, payer_id, label, starts, ends, {_one_price(count)} AS unit_price, quantity,
             NULL::numeric AS area, tariff_id, version, NULL::numeric AS discount, vat,
             {yuan_to_fen_sql(f"({yuan})")} AS amount, {_detail(item, count)} AS detail,
             COALESCE(error, CASE WHEN price_1 IS NULL THEN 'price_missing'
               WHEN before < 0 OR before + quantity < 0 THEN 'reading_negative' END) AS error,
             {item.period.days} AS period_days
        FROM tiers_{item.id}"""


def _spans(build: Build, item: Item, count: int) -> str:
    """A reading on the very day of a change divides the use, where the room has one meter."""
    found = pieces(build, item, discounted=False, labelled=False, tiers=count)
    start = build.day(item.period.start)
    return build.cte(f"spans_{item.id}", f"""
      SELECT p.*, u.use, COALESCE(u.error, CASE WHEN u.room_id IS NULL THEN 'reading_missing' END)
               AS room_error, u.meter_id, u.first, u.last, u.first_on, u.last_on, u.multiplier,
             u.digits, u.serial, u.rolled_over, u.first_estimated, u.last_estimated, u.told,
             u.reached, max(c.read_on) OVER (PARTITION BY p.room_id ORDER BY p.starts) AS since,
             min(c.read_on) OVER (PARTITION BY p.room_id ORDER BY p.starts
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS until
        FROM ({found}) p
        LEFT JOIN {uses(build, item)} u ON u.room_id = p.room_id
        LEFT JOIN LATERAL (SELECT read_on FROM meter_reading
              WHERE p.starts > {start} AND u.meters = 1 AND u.error IS NULL
                AND meter_id = u.meter_id AND read_on = p.starts
                AND read_on > u.first_on AND read_on < u.last_on LIMIT 1) c ON TRUE
       WHERE u.room_id IS NOT NULL OR p.listed OR p.named OR p.kind NOT IN {DRY_KINDS}""")  # fmt: skip


def _cut(build: Build, item: Item) -> str:
    """Between two readings the use is cut by days, in steps of 0.0001."""
    start, end = build.day(item.period.start), build.day(item.period.end)
    sql = use_sql(
        first="COALESCE(a.value, first)", last="COALESCE(z.value, last)", multiplier="multiplier",
        digits="digits", rolled_over="COALESCE(z.rolled_over, p.rolled_over)",
        estimated="COALESCE(a.kind = 'estimated', first_estimated)",
    )  # fmt: skip
    split = told("COALESCE(a.value, first)", "COALESCE(since, first_on)",
                 "COALESCE(z.value, last)", "COALESCE(until, last_on)",
                 "COALESCE(z.kind = 'estimated', last_estimated)")  # fmt: skip
    opened, closed = f"COALESCE(since, {start})", f"COALESCE(until, {end})"
    days = f"(starts - {opened})", f"(ends - {opened})", f"({closed} - {opened})"
    return build.cte(f"cut_{item.id}", f"""
      SELECT p.*, {cut_sql("(part * 10000)", *days)} * 0.0001 AS quantity
        FROM (SELECT p.*, CASE WHEN undivided THEN use ELSE round({sql.use}, 4) END AS part,
                     COALESCE(room_error, CASE WHEN NOT undivided THEN {sql.error} END) AS error,
                     CASE WHEN undivided THEN told ELSE jsonb_build_array({split}) END AS meters
                FROM (SELECT *, since IS NULL AND until IS NULL AS undivided
                        FROM spans_{item.id}) p
                {_reading("since")} a ON TRUE {_reading("until")} z ON TRUE OFFSET 0) p""")  # fmt: skip


def _reading(day: str) -> str:
    return f"""
                LEFT JOIN LATERAL (SELECT value, kind, rolled_over FROM meter_reading
                      WHERE p.{day} IS NOT NULL AND meter_id = p.meter_id AND read_on = p.{day} LIMIT 1)"""


def _climb(build: Build, item: Item) -> str:
    """`before`: what stands on the payer's ladder already; `months_left` of a newcomer's year."""
    joins, months = "", "NULL::bigint"
    before = "CASE WHEN p.use < 0 THEN p.reached END"  # a credit, at the tiers it was charged at
    if item.yearly:
        before, months = "y.used", "n.months"
        joins = f"""
        LEFT JOIN {_used(build, item)} y ON y.room_id = p.room_id
         AND COALESCE(y.payer_id, 0) = COALESCE(p.payer_id, 0)
        LEFT JOIN {_newcomers(build, item)} n ON n.room_id = p.room_id AND n.person_id = p.payer_id"""
    return build.cte(f"climb_{item.id}", f"""
      SELECT p.*, COALESCE({before}, 0) + COALESCE(sum(p.quantity) OVER (
               PARTITION BY p.room_id, p.payer_id ORDER BY p.starts
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before,
             {months} AS months_left
        FROM cut_{item.id} p{joins}""")  # fmt: skip


def _tiers(build: Build, item: Item, count: int) -> str:
    def above(n: int) -> str:
        step = f"above_{n}" if n <= count else "NULL::numeric"
        if not item.yearly or n > count:
            return step
        return f"CASE WHEN months_left IS NULL THEN {step} ELSE {scaled_sql(step, 'months_left')} END"

    parts = "".join(
        f", CASE WHEN above_{n} IS NULL THEN 0"
        f" ELSE {part_sql('before', 'before + quantity', above(n), above(n + 1))} END AS part_{n}"
        for n in range(1, count + 1)
    )
    return build.cte(f"tiers_{item.id}", f"""
      SELECT *{parts} FROM (SELECT * FROM climb_{item.id} OFFSET 0) p OFFSET 0""")  # fmt: skip


def _used(build: Build, item: Item) -> str:
    """What each payer was billed this year, before this period."""
    start = item.period.start
    return build.cte(f"used_{item.id}", f"""
      SELECT l.room_id, b.payer_id, sum(l.quantity) AS used
        FROM rooms r
        JOIN bill_line l ON l.room_id = r.room_id AND l.fee_item_id = {build.whole(item.id)} AND l.live
         AND l.period_start >= {build.day(date(start.year, 1, 1))}
         AND l.period_start < {build.day(start)}
        JOIN bill b ON b.id = l.bill_id
       GROUP BY l.room_id, b.payer_id""")  # fmt: skip


def _newcomers(build: Build, item: Item) -> str:
    """Who took over from another payer during the year, with the months left for them."""
    year = item.period.start.year
    return build.cte(f"newcomers_{item.id}", f"""
      SELECT room_id, person_id, (13 - EXTRACT(MONTH FROM came))::bigint AS months
        FROM (SELECT o.room_id, o.person_id, min(o.from_on) AS came
                FROM occupancy o JOIN rooms r ON r.room_id = o.room_id
               WHERE o.is_payer AND {build.near("o.room_id")} GROUP BY o.room_id, o.person_id) o
       WHERE came > {build.day(date(year, 1, 1))} AND came < {build.day(date(year + 1, 1, 1))}
         AND EXISTS (SELECT FROM occupancy p WHERE p.room_id = o.room_id AND p.is_payer
                        AND p.person_id <> o.person_id AND p.from_on < o.came)""")  # fmt: skip


def _one_price(count: int) -> str:
    """The price if all of the use cost the same, else NULL; no use costs the first price."""
    used = ", ".join(f"CASE WHEN part_{n} <> 0 THEN price_{n} END" for n in range(1, count + 1))
    return f"""CASE WHEN LEAST({used}) IS NULL THEN price_1
             WHEN LEAST({used}) = GREATEST({used}) THEN LEAST({used}) END"""


def _detail(item: Item, count: int) -> str:
    """Readings, `[tier, quantity, price]` of every tier that was used, and where tiers begin."""
    tiers = ", ".join(
        f"CASE WHEN part_{n} <> 0 THEN jsonb_build_array('{n}', trim_scale(part_{n})::text,"
        f" trim_scale(price_{n})::text) END"
        for n in range(1, count + 1)
    )
    bounds = ", 'above', bounds" if count > 1 else ""
    late = ", 'months_left', months_left" if item.yearly else ""
    return f"""jsonb_build_object('meters', meters, 'tiers',
                to_jsonb(array_remove(ARRAY[{tiers}], NULL)){bounds}{late})
             || CASE WHEN before = 0 THEN '{{}}'::jsonb
                     ELSE jsonb_build_object('before', trim_scale(before)::text) END"""
