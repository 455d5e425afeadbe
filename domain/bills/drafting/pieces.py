"""Room x price x charge: the stretches of days that become lines, before any arithmetic."""

import json
from collections.abc import Sequence

from domain.bills.drafting.book import Item, Slice, slices
from domain.bills.drafting.build import Build
from domain.bills.drafting.charges import charges
from domain.bills.drafting.facts import Need, facts
from domain.fees.calc.line_sql import month_units_sql
from domain.fees.calc.periods import Period
from domain.fees.calc.units import MONTH_UNITS

COLUMNS = {
    "kind": "text", "own": "boolean", "starts": "date", "ends": "date", "offered": "boolean",
    "named": "boolean",    "tariff_id": "bigint", "version": "bigint", "discount": "numeric", "vat": "numeric",
}  # fmt: skip


def pieces(
    build: Build, item: Item, *, areas: tuple[str, ...] = (), counted: bool = False,
    priced: bool = True, discounted: bool = True, labelled: bool = True, tiers: int = 1,
) -> str:  # fmt: skip
    """A SELECT of what a line of this item is made of.

    Columns: room_id, kind, payer_id, starts, ends, label, listed, named, asked (the quantity of the
    charge), price, discount, vat, tariff_id, version, the `areas`, and `above_1`, `price_1` ... of
    the ladder up to `tiers` (NULL beyond its end), and its `bounds` (JSON text; NULL if there is one).
    """
    found = slices(item, priced=priced, discounted=discounted)
    empty = dict.fromkeys(piece.kind for piece in found if piece.discount)
    need = Need(areas, vacancy=tuple(empty))
    listed = charges(build, item, counted=counted, priced=priced, labelled=labelled)
    rooms = facts(build, item.period, need)
    join = "JOIN" if item.listed_only else "LEFT JOIN"
    return f"""
      SELECT f.room_id, f.kind, f.payer_id, GREATEST(f.starts, s.starts, c.starts) AS starts,
             LEAST(f.ends, s.ends, c.ends) AS ends, c.label,
             c.listed IS TRUE AS listed, s.named,
             c.quantity AS asked, COALESCE(c.unit_price, s.price_1) AS price,
             CASE WHEN f.vacant THEN s.discount ELSE 0 END AS discount, s.vat, s.tariff_id, s.version
             {"".join(f", f.{area}" for area in areas)}{_ladder(tiers)}
        FROM {rooms} f
        {join} {listed} c ON c.room_id = f.room_id AND c.starts < f.ends AND c.ends > f.starts
        JOIN {_prices(build, found, tiers)} ON s.kind = f.kind AND s.own = (c.unit_price IS NOT NULL)
         AND s.starts < LEAST(f.ends, c.ends) AND s.ends > GREATEST(f.starts, c.starts)
       WHERE s.offered OR c.listed"""


def units(period: Period, start: str = "starts", end: str = "ends") -> str:
    """SQL of the months of a piece in 1/377,580; the whole period, as a rule, needs no counting."""
    full = f"{start} = DATE '{period.start}' AND {end} = DATE '{period.end}'"
    some = month_units_sql(start, end, period)
    return f"CASE WHEN {full} THEN {len(period.months) * MONTH_UNITS} ELSE {some} END"


def longest_ladder(item: Item) -> int:
    """How many tiers the item's longest ladder has."""
    return max((len(tariff.ladder) for tariff in item.tariffs), default=1)


def _prices(build: Build, found: Sequence[Slice], tiers: int) -> str:
    """The slices as rows: `s`."""
    steps = {f"{name}_{n}": "numeric" for n in range(1, tiers + 1) for name in ("above", "price")}
    return build.rows(
        {**COLUMNS, **steps, "bounds": "text"}, [_row(piece, tiers) for piece in found], "s"
    )


def _row(piece: Slice, tiers: int) -> list[object]:
    steps: list[object] = [
        n for step in piece.ladder[:tiers] for n in (step.above, step.unit_price)
    ]
    padded = steps + [None] * (2 * tiers - len(steps))
    bounds = json.dumps([f"{step.above.normalize():f}" for step in piece.ladder])
    return [
        piece.kind, piece.own, piece.start, piece.end, piece.offered, piece.named,
        piece.tariff, piece.version, piece.discount, piece.vat, *padded,
        bounds if tiers > 1 and len(piece.ladder) > 1 else None,
    ]  # fmt: skip


def _ladder(tiers: int) -> str:
    """A price of one's own is a ladder of one step."""
    steps = [", CASE WHEN s.own THEN 0 ELSE s.above_1 END AS above_1",
             ", COALESCE(c.unit_price, s.price_1) AS price_1"]  # fmt: skip
    rest = [f", s.above_{n}, s.price_{n}" for n in range(2, tiers + 1)]
    return "".join([*steps, *rest, ", s.bounds"])
