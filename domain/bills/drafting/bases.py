"""One SELECT per fee item: its lines in the part's rooms, priced and not yet written.

Every SELECT has the columns of LINE. `amount` is numeric, NULL or not; `error` is a problem code or
NULL. Arithmetic comes from domain.fees.calc, whose SQL is held to its Python by property tests.
"""

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build
from domain.bills.drafting.pieces import pieces, units
from domain.fees.calc import formula
from domain.fees.calc.line_sql import amount_fen_sql
from domain.fees.calc.units import MONTH_UNITS
from domain.fees.model import FeeBasis

LINE = (
    "room_id", "payer_id", "label", "starts", "ends", "unit_price", "quantity", "area", "tariff_id",
    "version", "discount", "vat", "amount", "detail", "error", "period_days",
)  # fmt: skip

AREA = {
    FeeBasis.BUILT_AREA: ("built_area", "area_missing"),
    FeeBasis.INDOOR_AREA: ("indoor_area", "indoor_area_missing"),
}
FORMULA_AREAS = {"area": "built_area", "indoor_area": "indoor_area", "weight": "share_weight"}


def by_area(build: Build, item: Item) -> str:
    """建筑面积 or 套内面积 x 单价 x 月数."""
    area, missing = AREA[item.basis]
    error = f"""CASE WHEN COALESCE({area}, 0) = 0 THEN '{missing}'
                     WHEN price IS NULL THEN 'price_missing' END"""
    return _by_month(item, pieces(build, item, areas=(area,)), area, area, error)


def fixed(build: Build, item: Item) -> str:
    """单价 x 数量 x 月数; a room that is not listed has one."""
    error = "CASE WHEN price IS NULL THEN 'price_missing' END"
    found = pieces(build, item, counted=True)
    return _by_month(item, found, "COALESCE(asked, 1)", "NULL::numeric", error)


def one_off(build: Build, item: Item) -> str:
    """An agreed amount, billed in the month its charge begins, as a line of that one day."""
    month = build.month
    return f"""
      SELECT r.room_id, o.person_id AS payer_id, c.label, c.from_on AS starts, c.from_on + 1 AS ends,
             c.amount_fen * 0.01 AS unit_price, 1::numeric AS quantity, NULL::numeric AS area,
             NULL::bigint AS tariff_id, NULL::bigint AS version, NULL::numeric AS discount,
             {_rate(build, item, "c.from_on")} AS vat, c.amount_fen::numeric AS amount,
             NULL::jsonb AS detail,
             CASE WHEN c.amount_fen IS NULL THEN 'amount_missing' END AS error, 1 AS period_days
        FROM room_charge c JOIN rooms r ON r.room_id = c.room_id
        LEFT JOIN occupancy o ON o.room_id = c.room_id AND o.is_payer AND o.from_on <= c.from_on
         AND (o.to_on IS NULL OR o.to_on > c.from_on)
       WHERE c.fee_item_id = {build.whole(item.id)} AND {build.near("c.room_id")}
         AND c.from_on >= {build.day(month.start)} AND c.from_on < {build.day(month.end)}"""


def by_formula(build: Build, item: Item) -> str:
    """A typed formula, compiled. One that cannot be read is a problem of every room it is for."""
    try:
        rule = formula.check(item.formula)
    except formula.FormulaError as refused:
        return _unreadable(build, item, refused.code)
    priced = "price" in rule.names
    areas = tuple(column for name, column in FORMULA_AREAS.items() if name in rule.names)
    found = pieces(build, item, areas=areas, counted="quantity" in rule.names, priced=priced)
    columns: dict[str, str | tuple[str, str]] = {
        **FORMULA_AREAS, "price": "price", "quantity": "asked", "days": "(ends - starts)",
        "period_days": f"{item.period.days}", "months": ("units", f"{MONTH_UNITS}"),
    }  # fmt: skip
    sql = rule.sql(columns, month_units="units", discount="discount")
    first = "CASE WHEN price IS NULL THEN 'price_missing' END" if priced else "NULL"
    values = "".join(f", '{name}', {_told(columns[name])}" for name in sorted(rule.names))
    return f"""
      SELECT room_id, payer_id, label, starts, ends, {"price" if priced else "NULL::numeric"} AS unit_price,
             NULL::numeric AS quantity, NULL::numeric AS area, tariff_id, version, NULLIF(discount, 0) AS discount, vat,
             {sql.amount_fen} AS amount,
             jsonb_build_object('formula', {build.words(rule.text)}, 'month_units', units,
                                'values', jsonb_build_object({values.lstrip(", ")})) AS detail,
             COALESCE({first}, {sql.error}) AS error,
             {item.period.days} AS period_days
        FROM (SELECT p.*, {units(item.period)} AS units FROM ({found}) p OFFSET 0) p"""


def _by_month(item: Item, found: str, quantity: str, area: str, error: str) -> str:
    part = f"CASE WHEN units % {MONTH_UNITS} <> 0 THEN jsonb_build_object('month_units', units) END"
    return f"""
      SELECT room_id, payer_id, label, starts, ends, price AS unit_price, {quantity} AS quantity,
             {area} AS area, tariff_id, version, NULLIF(discount, 0) AS discount, vat,
             {amount_fen_sql("price", quantity, "units", "discount")} AS amount,
             {part if len(item.period.months) > 1 else "NULL::jsonb"} AS detail, {error} AS error,
             {item.period.days} AS period_days
        FROM (SELECT p.*, {units(item.period)} AS units FROM ({found}) p OFFSET 0) p"""


def _unreadable(build: Build, item: Item, code: str) -> str:
    return f"""
      SELECT room_id, payer_id, label, starts, ends, NULL::numeric AS unit_price, NULL::numeric AS quantity,
             NULL::numeric AS area, tariff_id, version, NULL::numeric AS discount, vat, NULL::numeric AS amount,
             NULL::jsonb AS detail, {build.words(code)} AS error,
             {item.period.days} AS period_days
        FROM ({pieces(build, item, priced=False)}) p"""


def _rate(build: Build, item: Item, day: str) -> str:
    """SQL of the item's tax rate on a day."""
    cases = "".join(
        f" WHEN {day} >= {build.day(row.from_on)}"
        + (f" AND {day} < {build.day(row.to_on)}" if row.to_on else "")
        + f" THEN {build.number(row.value)}"
        for row in item.vat
    )
    return f"CASE{cases} END" if cases else "NULL::numeric"


def _told(column: str | tuple[str, str]) -> str:
    """A value of a formula as it is frozen: the months as a decimal."""
    if isinstance(column, tuple):
        return f"trim_scale(round({column[0]}::numeric / {column[1]}, 6))::text"
    return f"trim_scale(({column})::numeric)::text"
