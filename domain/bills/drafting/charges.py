"""房屋收费: which rooms are listed for an item, on which days, with what of their own."""

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build


def charges(build: Build, item: Item, *, counted: bool, priced: bool, labelled: bool = True) -> str:
    """A CTE with room_id, label, quantity, unit_price, starts, ends, listed.

    `counted`, `priced`, `labelled`: whether the charge's quantity, price and label matter; what does
    not is NULL and cuts no days. For an item that is not only for listed rooms, the days around the
    charges of a room are rows too (`listed` false); rooms without any charge have no row.
    """
    start, end = build.day(item.period.start), build.day(item.period.end)
    build.cte(f"listed_{item.id}", f"""
      SELECT {"" if labelled else "DISTINCT"} c.room_id, {"c.label" if labelled else "NULL::text"} AS label,
             {"c.quantity" if counted else "NULL::numeric"} AS quantity,
             {"c.unit_price" if priced else "NULL::numeric"} AS unit_price,
             GREATEST(c.from_on, {start}) AS starts, LEAST(c.to_on, {end}) AS ends
        FROM room_charge c JOIN rooms r ON r.room_id = c.room_id
       WHERE c.fee_item_id = {build.whole(item.id)} AND {build.near("c.room_id")}
         AND c.from_on < {end} AND (c.to_on IS NULL OR c.to_on > {start})""")  # fmt: skip
    whole = f"starts = {start} AND ends = {end}"
    parts = [
        f"SELECT *, TRUE AS listed FROM listed_{item.id} WHERE {whole}",
        f"""SELECT room_id, label, quantity, unit_price, lower(days), upper(days), TRUE
        FROM (SELECT room_id, label, quantity, unit_price,
                     unnest(range_agg(daterange(starts, ends))) AS days
                FROM listed_{item.id} WHERE NOT ({whole})
               GROUP BY room_id, label, quantity, unit_price) renewed""",
    ]
    if not item.listed_only:
        parts.append(f"""SELECT room_id, NULL, NULL, NULL, lower(days), upper(days), FALSE
        FROM (SELECT room_id, unnest(datemultirange(daterange({start}, {end}))
                                     - range_agg(daterange(starts, ends))) AS days
                FROM listed_{item.id} GROUP BY room_id) rest""")  # fmt: skip
    return build.cte(f"charges_{item.id}", " UNION ALL ".join(parts))
