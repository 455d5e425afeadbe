"""公摊: the parts that the price book holds, given to whoever pays in the room, day by day."""

from domain.bills.drafting.bases import LINE
from domain.bills.drafting.book import CostOf, Item
from domain.bills.drafting.build import BUILDING, RUN, Build
from domain.bills.drafting.facts import Need, facts
from domain.fees.calc.line_sql import cut_sql
from domain.fees.calc.proration import split


def shared(build: Build, item: Item) -> str:
    """One line per cost and payer; the parts of a room add up to its part, the rooms' to the cost."""
    return " UNION ALL ".join(_cost(build, item, cost) for cost in item.costs) or _nothing()


def _cost(build: Build, item: Item, cost: CostOf) -> str:
    """A part is cut by days where the payer or the tax rate changes, and never rounded again."""
    start, end = cost.period.start, cost.period.end
    days = (f"(p.starts - {build.day(start)})", f"(p.ends - {build.day(start)})",
            f"{(end - start).days}")  # fmt: skip
    amount = cut_sql("s.fen", *days)
    steps = cut_sql("(s.quantity * 10000)", *days)
    return f"""
      SELECT p.room_id, p.payer_id, {build.words(cost.label)} AS label, p.starts, p.ends,
             NULL::numeric AS unit_price, {steps} * 0.0001 AS quantity, NULL::numeric AS area,
             NULL::bigint AS tariff_id, NULL::bigint AS version, NULL::numeric AS discount, p.vat,
             {amount} AS amount,
             jsonb_strip_nulls(jsonb_build_object(
                'weight', s.weight::text, 'total_fen', {build.whole(cost.total_fen)},
                'total_quantity', {build.words(cost.total_quantity)})) AS detail,
             CASE WHEN s.weight IS NULL THEN 'share_weight_missing'
                  WHEN s.fen IS NULL THEN 'share_missing' END AS error, {(end - start).days} AS period_days
        FROM ({_days(build, item, cost)}) p JOIN {_parts(build, cost)} ON s.room_id = p.room_id
       WHERE s.weight IS NULL OR s.weight > 0 OR s.fen IS NULL"""


def _days(build: Build, item: Item, cost: CostOf) -> str:
    """The payers of the cost's days, cut at changes of the tax rate."""
    rates = [(piece.start, piece.end, piece.facts["vat"])
             for piece in split(cost.period, {"vat": item.vat})]  # fmt: skip
    columns = {"starts": "date", "ends": "date", "rate": "numeric"}
    return f"""
      SELECT f.room_id, f.payer_id, GREATEST(f.starts, v.starts) AS starts,
             LEAST(f.ends, v.ends) AS ends, v.rate AS vat
        FROM {facts(build, cost.period, Need())} f
        JOIN {build.rows(columns, rates, "v")} ON v.starts < f.ends AND v.ends > f.starts"""


def _parts(build: Build, cost: CostOf) -> str:
    """The frozen parts of the part's building: `s`."""
    name = build.cte(f"parts_{cost.id}", f"""
      SELECT (row ->> 0)::bigint AS room_id, (row ->> 1)::numeric AS fen,
             (row ->> 2)::numeric AS quantity, (row ->> 3)::numeric AS weight
        FROM bill_run, jsonb_array_elements(price_book #> ARRAY['shares',
             {build.words(str(cost.id))}, {BUILDING}::text]) row
       WHERE bill_run.id = {RUN if cost.split_by is None else build.whole(cost.split_by)}""")  # fmt: skip
    return f"{name} s"


def _nothing() -> str:
    """No cost to split: no lines, of the right columns."""
    return f"SELECT {', '.join(f'{_null(name)} AS {name}' for name in LINE)} WHERE FALSE"


def _null(name: str) -> str:
    kinds = {"label": "text", "error": "text", "starts": "date", "ends": "date", "detail": "jsonb",
             "room_id": "bigint", "payer_id": "bigint", "tariff_id": "bigint",
             "version": "bigint", "period_days": "int"}  # fmt: skip
    return f"NULL::{kinds.get(name, 'numeric')}"
