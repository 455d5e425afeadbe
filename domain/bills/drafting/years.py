"""Ladders that run through the calendar year: what a payer used before, and who came during it."""

from datetime import date

from domain.bills.drafting.book import Item
from domain.bills.drafting.build import Build


def used(build: Build, item: Item) -> str:
    """A CTE of room_id, payer_id, used: what each payer was billed this year before this period."""
    start = item.period.start
    return build.cte(f"used_{item.id}", f"""
      SELECT l.room_id, b.payer_id, sum(l.quantity) AS used
        FROM bill_line l
        JOIN bill b ON b.id = l.bill_id
       WHERE {build.near("l.room_id")} AND l.fee_item_id = {build.whole(item.id)} AND l.live
         AND l.period_start >= {build.day(date(start.year, 1, 1))}
         AND l.period_start < {build.day(start)}
       GROUP BY l.room_id, b.payer_id""")  # fmt: skip


def newcomers(build: Build, item: Item) -> str:
    """A CTE of room_id, person_id, months: who took over from another payer during the year, and the
    months left for them, that of the transfer included.
    """
    year = item.period.start.year
    return build.cte(f"newcomers_{item.id}", f"""
      SELECT room_id, person_id, (13 - EXTRACT(MONTH FROM came))::bigint AS months
        FROM (SELECT o.room_id, o.person_id, min(o.from_on) AS came
                FROM occupancy o JOIN rooms r ON r.room_id = o.room_id
               WHERE o.is_payer AND {build.near("o.room_id")} GROUP BY o.room_id, o.person_id) o
       WHERE came > {build.day(date(year, 1, 1))} AND came < {build.day(date(year + 1, 1, 1))}
         AND EXISTS (SELECT FROM occupancy p WHERE p.room_id = o.room_id AND p.is_payer
                        AND p.person_id <> o.person_id AND p.from_on < o.came)""")  # fmt: skip
