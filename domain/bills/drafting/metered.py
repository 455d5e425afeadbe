"""抄表: the use of a room's meters, cut at readings and by days, laid on the ladder of its payer.

Most rooms have one payer and one price all month: their use goes on the ladder as it is. Where
something changed, three steps come before: `spans` (the readings around each piece of days), `cut`
(its part of the use), `climb` (where on the payer's ladder it begins).
"""

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build
from domain.bills.drafting.dials import ALONE, told, uses
from domain.bills.drafting.pieces import longest_ladder, pieces
from domain.bills.drafting.years import newcomers, used
from domain.fees.calc.line_sql import cut_sql, yuan_to_fen_sql
from domain.fees.calc.meters import use_sql
from domain.fees.calc.tiers import part_sql, scaled_sql

DRY_KINDS = "('parking', 'storage')"
"""Rooms that need no meter, unless the item is priced for their kind or they are listed."""

KEPT = "room_id, payer_id, starts, ends, tariff_id, version, vat, bounds, months_left"


def metered(build: Build, item: Item) -> str:
    """Lines of a metered item; a room without a reading has a problem instead."""
    count = longest_ladder(item)
    steps = ", ".join(f"above_{n}, price_{n}" for n in range(1, count + 1))
    stays = _stays(build, item, count)
    whole = f"starts = {build.day(item.period.start)} AND ends = {build.day(item.period.end)}"
    changed = _climb(build, item, f"SELECT * FROM {stays} WHERE NOT ({whole})")
    columns = f"{KEPT}, {steps}"
    yuan = " + ".join(f"COALESCE(part_{n} * price_{n}, 0)" for n in range(1, count + 1))
    return f"""
      SELECT room_id, payer_id, NULL::text AS label, starts, ends, {_one_price(count)} AS unit_price,
             quantity, NULL::numeric AS area, tariff_id, version, NULL::numeric AS discount, vat,
             {yuan_to_fen_sql(f"({yuan})")} AS amount, {_detail(item, count)} AS detail,
             COALESCE(error, CASE WHEN price_1 IS NULL THEN 'price_missing'
               WHEN before < 0 OR before + quantity < 0 THEN 'reading_negative' END) AS error,
             {item.period.days} AS period_days
        FROM (SELECT p.*{_parts(item, count)}
                FROM (SELECT {columns}, error, use AS quantity, base AS before, told
                        FROM {stays} WHERE {whole}
                       UNION ALL
                      SELECT {columns}, error, quantity, before, told FROM {changed} OFFSET 0) p
             OFFSET 0) p"""


def _stays(build: Build, item: Item, count: int) -> str:
    """A CTE: pieces of days with the use of their room and what stands on the ladder (`base`)."""
    found = pieces(build, item, discounted=False, labelled=False, tiers=count)
    base, months, joins = "CASE WHEN u.use < 0 THEN u.reached END", "NULL::bigint", ""
    if item.yearly:  # otherwise only a credit goes down the tiers it was charged at
        base, months = "y.used", "n.months"
        joins = f"""
        LEFT JOIN {used(build, item)} y ON y.room_id = p.room_id
         AND COALESCE(y.payer_id, 0) = COALESCE(p.payer_id, 0)
        LEFT JOIN {newcomers(build, item)} n ON n.room_id = p.room_id AND n.person_id = p.payer_id"""
    return build.cte(f"stays_{item.id}", f"""
      SELECT p.*, u.use, u.told, u.meters, COALESCE({base}, 0) AS base, {months} AS months_left,
             {", ".join(f"u.{column}" for column in ALONE.split(", "))},
             CASE WHEN u.room_id IS NULL THEN 'reading_missing' ELSE u.error END AS error
        FROM ({found}) p
        LEFT JOIN {uses(build, item)} u ON u.room_id = p.room_id{joins}
       WHERE u.room_id IS NOT NULL OR p.listed OR p.named OR p.kind NOT IN {DRY_KINDS}""")  # fmt: skip


def _climb(build: Build, item: Item, changed: str) -> str:
    """A CTE: changed pieces with their quantity, and what the payer used of it `before`."""
    return build.cte(f"climb_{item.id}", f"""
      SELECT p.*, base + COALESCE(sum(quantity) OVER (
               PARTITION BY room_id, payer_id ORDER BY starts
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM {_cut(build, item, changed)} p""")  # fmt: skip


def _cut(build: Build, item: Item, changed: str) -> str:
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
    steps = ", ".join(f"above_{n}, price_{n}" for n in range(1, longest_ladder(item) + 1))
    return build.cte(f"cut_{item.id}", f"""
      SELECT p.*, {cut_sql("(part * 10000)", *days)} * 0.0001 AS quantity
        FROM (SELECT {KEPT}, {steps}, base, since, until,
                     CASE WHEN undivided THEN use ELSE round({sql.use}, 4) END AS part,
                     COALESCE(error, CASE WHEN NOT undivided THEN {sql.error} END) AS error,
                     CASE WHEN undivided THEN told ELSE {split} END AS told
                FROM (SELECT *, since IS NULL AND until IS NULL AS undivided
                        FROM {_spans(build, item, changed)}) p
                {_reading("since")} a ON TRUE {_reading("until")} z ON TRUE OFFSET 0) p""")  # fmt: skip


def _spans(build: Build, item: Item, changed: str) -> str:
    """A reading on the very day of a change divides the use, where the room has one meter."""
    return build.cte(f"spans_{item.id}", f"""
      SELECT p.*, max(c.read_on) OVER (PARTITION BY p.room_id ORDER BY p.starts) AS since,
             min(c.read_on) OVER (PARTITION BY p.room_id ORDER BY p.starts
               ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING) AS until
        FROM ({changed}) p
        LEFT JOIN LATERAL (SELECT read_on FROM meter_reading
              WHERE p.starts > {build.day(item.period.start)} AND p.meters = 1 AND p.error IS NULL
                AND meter_id = p.meter_id AND read_on = p.starts
                AND read_on > p.first_on AND read_on < p.last_on LIMIT 1) c ON TRUE""")  # fmt: skip


def _reading(day: str) -> str:
    return f"""
                LEFT JOIN LATERAL (SELECT value, kind, rolled_over FROM meter_reading
                      WHERE p.{day} IS NOT NULL AND meter_id = p.meter_id AND read_on = p.{day}
                      LIMIT 1)"""


def _parts(item: Item, count: int) -> str:
    """`, part_1, part_2 ...`: what falls into each tier."""

    def above(n: int) -> str:
        step = f"above_{n}" if n <= count else "NULL::numeric"
        if not item.yearly or n > count:
            return step
        return (
            f"CASE WHEN months_left IS NULL THEN {step} ELSE {scaled_sql(step, 'months_left')} END"
        )

    return "".join(
        f", CASE WHEN above_{n} IS NULL THEN 0"
        f" ELSE {part_sql('before', 'before + quantity', above(n), above(n + 1))} END AS part_{n}"
        for n in range(1, count + 1)
    )


def _one_price(count: int) -> str:
    """The price if all of the use cost the same, else NULL; no use costs the first price."""
    if count == 1:
        return "price_1"
    used = ", ".join(f"CASE WHEN part_{n} <> 0 THEN price_{n} END" for n in range(1, count + 1))
    return f"""CASE WHEN LEAST({used}) IS NULL THEN price_1
             WHEN LEAST({used}) = GREATEST({used}) THEN LEAST({used}) END"""


def _detail(item: Item, count: int) -> str:
    """Readings, `[tier, quantity, price]` of every tier that was used, and where tiers begin."""
    tiers = ", ".join(
        f"""CASE WHEN part_{n} <> 0 THEN '["{n}", "' || trim_scale(part_{n}) || '", "'"""
        f""" || trim_scale(price_{n}) || '"]' END"""
        for n in range(1, count + 1)
    )
    above = """ || COALESCE(', "above": ' || bounds, '')""" if count > 1 else ""
    late = """ || COALESCE(', "months_left": ' || months_left, '')""" if item.yearly else ""
    return f"""('{{"meters": [' || told || '], "tiers": [' || concat_ws(', ', {tiers}) || ']'{above}{late}
               || CASE WHEN before = 0 THEN '' ELSE ', "before": "' || trim_scale(before) || '"' END
               || '}}')::jsonb"""
