"""The statement that drafts a part: price every item, write bills, their lines and the problems.

One statement is one snapshot: rooms, payers, areas, charges and readings are all of one moment.
Nothing is written twice: a line that lives already is left out. Should another transaction write it
at the same moment, the named constraint refuses ours, and the part is computed again without it
(skipping it silently would leave a bill whose total counts a line that is not there).
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from domain.bills.drafting.bases import LINE, by_area, by_formula, fixed, one_off
from domain.bills.drafting.book import Item, read
from domain.bills.drafting.build import COMMUNITY, RUN, Build
from domain.bills.drafting.facts import rooms
from domain.bills.drafting.metered import metered
from domain.bills.drafting.shared import shared
from domain.bills.problems import BILL_NEGATIVE, BILLED_SINCE, PAYER_MISSING, sentences
from domain.fees.calc.line_sql import limit_sql, tax_fen_sql
from domain.fees.calc.periods import Span
from domain.fees.model import FeeBasis

BASES: dict[FeeBasis, Callable[[Build, Item], str]] = {
    FeeBasis.BUILT_AREA: by_area,
    FeeBasis.INDOOR_AREA: by_area,
    FeeBasis.FIXED: fixed,
    FeeBasis.METERED: metered,
    FeeBasis.SHARED: shared,
    FeeBasis.FORMULA: by_formula,
    FeeBasis.ONE_OFF: one_off,
}

PREFIX = "draft_"
ALIVE = "alive"
KEPT = ("rooms", "cuts", "facts", "charges", "billed", "dials", "uses", "stays", "priced")

CREDITS = {
    "credited": """
      SELECT DISTINCT room_id FROM priced WHERE problem IS NULL AND amount < 0""",
    "overdrawn": """
      SELECT DISTINCT room_id FROM (
        SELECT p.room_id FROM priced p JOIN credited c ON c.room_id = p.room_id
         WHERE p.problem IS NULL GROUP BY p.room_id, p.payer_id HAVING sum(p.amount) < 0) n""",
    "postponed": """
      SELECT DISTINCT p.room_id, p.fee_item_id
        FROM priced p JOIN overdrawn o ON o.room_id = p.room_id
       WHERE p.problem IS NULL AND p.amount < 0""",
}
"""A bill is never negative: where the credits of a room are more than its charges, the items that
credit wait, with all their lines, and the rest is billed. The meter goes on from its last live line,
so the credit comes with the next bill; charges that were left out would never come back."""

DUE = """p.problem IS NULL AND NOT EXISTS (
         SELECT FROM postponed w WHERE w.room_id = p.room_id AND w.fee_item_id = p.fee_item_id)"""

_THERE = "c.live AND c.room_id = l.room_id AND c.fee_item_id = l.fee_item_id"
COVERED = f"""SELECT FROM bill_line c WHERE {_THERE} AND c.period_start < l.ends
         AND c.period_end > l.starts AND l.basis <> 'one_off'
         AND (l.basis <> 'shared' OR COALESCE(c.label, '') = COALESCE(l.label, '')
              AND c.detail ->> 'total_fen' = l.detail ->> 'total_fen')"""
"""A day of a room and item is paid for once, under whatever label. Shared costs and one-off charges
of the same days are each their own."""

SINCE = f"SELECT FROM bill_line c WHERE {_THERE} AND c.period_start >= l.ends"
"""A later bill went on from this meter's readings, or caught up what was missing here."""

WRITTEN = (
    "bill_id, room_id, fee_item_id, label, basis, period_start, period_end, days, period_days,"
    " unit_price, quantity, area, tariff_id, tariff_version, vacancy_discount, vat_rate, tax_fen,"
    " amount_fen, detail"
)


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL of a run's book; `name` tells it from any other. Answers: bills, lines, total_fen."""

    name: str
    sql: str
    values: Mapping[str, Any]


@lru_cache(maxsize=4)
def statement(book: str, month: Span) -> Statement | None:
    """The statement of a frozen book (JSON) for every part of its run; None if nothing is due."""
    items = read(json.loads(book))
    if not items:
        return None
    build = _counted(book, month, items)
    build.cte(
        "sums",
        f"""
      SELECT room_id, payer_id, sum(amount) AS total FROM priced p WHERE {DUE}
       GROUP BY room_id, payer_id""",
    )
    build.cte("new_bills", _bills(build))
    build.cte("new_lines", _lines())
    build.cte("new_problems", _problems(build))
    ctes = ",\n".join(f"{name} AS {_kept(name)}({sql})" for name, sql in build.ctes.items())
    sql = f"""WITH {ctes}
      SELECT (SELECT count(*) FROM new_bills) AS bills, (SELECT count(*) FROM new_lines) AS lines,
             (SELECT COALESCE(sum(total_fen), 0)::bigint FROM new_bills) AS total_fen"""
    return _named(sql, build)


def census(book: str, month: Span) -> Statement | None:
    """What `statement` would write in a part, writing nothing: rooms, lines, total_fen."""
    items = read(json.loads(book))
    if not items:
        return None
    build = _counted(book, month, items)
    ctes = ",\n".join(f"{name} AS {_kept(name)}({sql})" for name, sql in build.ctes.items())
    sql = f"""WITH {ctes}
      SELECT count(DISTINCT room_id) AS rooms, count(*) AS lines,
             COALESCE(sum(amount), 0)::bigint AS total_fen FROM priced p WHERE {DUE}"""
    return _named(sql, build)


def trial(book: str, month: Span) -> Statement:
    """What a book would bill in a part, room by room, writing nothing: room_id, kind, fen, failed.

    Lines that live already count too: the question is what the book makes of the rooms.
    """
    build = Build(month)
    rooms(build)
    build.cte("priced", _priced(build, read(json.loads(book))))
    good = f"p.problem IS NULL OR p.problem = '{ALIVE}'"
    ctes = ",\n".join(f"{name} AS {_kept(name)}({sql})" for name, sql in build.ctes.items())
    sql = f"""WITH {ctes}
      SELECT r.room_id, r.kind, COALESCE(sum(p.amount) FILTER (WHERE {good}), 0)::bigint AS fen,
             COALESCE(bool_or(NOT ({good})), FALSE) AS failed
        FROM rooms r JOIN priced p ON p.room_id = r.room_id GROUP BY r.room_id, r.kind"""
    return Statement("", sql, build.values)


def _counted(book: str, month: Span, items: Sequence[Item]) -> Build:
    """The steps up to which lines count."""
    told = json.loads(book)
    build = Build(month)
    rooms(build, listed=told.get("only_listed_rooms", False))
    build.cte("priced", _priced(build, items, beside=told.get("beside", False)))
    for name, step in CREDITS.items():
        build.cte(name, step)
    return build


def _named(sql: str, build: Build) -> Statement:
    told = hashlib.sha256(f"{sql}{build.values}".encode()).hexdigest()
    return Statement(f"{PREFIX}{told[:24]}", sql, build.values)


def _kept(name: str) -> str:
    """Small steps, each planned and computed once, whoever reads them."""
    return "MATERIALIZED " if name.startswith(KEPT) else ""


def _of_item(build: Build, item: Item, place: int) -> str:
    """An item's lines with what is the same on all of them."""
    found = BASES[item.basis](build, item)
    return f"""
    SELECT {", ".join(LINE)}, {build.whole(item.id)} AS fee_item_id, {place} AS place,
           {build.words(item.basis.value)} AS basis
      FROM ({found}) l"""


def _priced(build: Build, items: Sequence[Item], *, beside: bool = False) -> str:
    """Lines of all items: with a `problem` (a code), or with ALIVE if they live already, or fresh.

    `beside` other bills of this month or later ones, days that have a line are left alone, whatever
    would be made of them now.
    """
    starts = [cost.period.start for item in items for cost in item.costs]
    first = min([*starts, *(item.period.start for item in items)])
    lines = " UNION ALL ".join(_of_item(build, item, n) for n, item in enumerate(items))
    tax, limit = tax_fen_sql("l.amount", "l.vat"), limit_sql("l.amount")
    problem = f"COALESCE(l.error, {limit}, CASE WHEN b.live THEN '{ALIVE}' END)"
    if beside:
        problem = f"""CASE WHEN b.live OR EXISTS ({COVERED}) THEN '{ALIVE}'
                  WHEN l.basis = 'metered' AND EXISTS ({SINCE}) THEN '{BILLED_SINCE}'
                  ELSE COALESCE(l.error, {limit}) END"""
    return f"""
      SELECT l.place, l.room_id, l.payer_id, l.fee_item_id, l.label, l.basis, l.starts, l.ends,
             l.period_days, l.unit_price, l.quantity, l.area, l.tariff_id, l.version, l.discount, l.vat,
             CASE WHEN l.vat > 0 THEN {tax} ELSE 0 END AS tax,
             CASE WHEN {limit} IS NULL THEN l.amount::bigint END AS amount, l.detail,
             {problem} AS problem
        FROM ({lines} OFFSET 0) l
        LEFT JOIN bill_line b ON b.live AND b.room_id = l.room_id AND b.fee_item_id = l.fee_item_id
         AND b.period_start = l.starts AND COALESCE(b.label, '') = COALESCE(l.label, '')
         AND {build.near("b.room_id")} AND b.period_start >= {build.day(first)}"""


def _bills(build: Build) -> str:
    """One bill per room and payer, in the order of the rooms."""
    number = "nextval('bill_no_seq')::text"
    prefix = build.words(f"ZD{build.month.start:%Y%m}")
    return f"""
      INSERT INTO bill (no, community_id, bill_run_id, room_id, payer_id, period_start, period_end,
                        total_fen)
      SELECT {prefix} || lpad(no, GREATEST(8, length(no)), '0'), {COMMUNITY},
             {RUN}, room_id, payer_id, {build.day(build.month.start)},
             {build.day(build.month.end)}, total
        FROM (SELECT *, {number} AS no
                FROM (SELECT * FROM sums ORDER BY room_id, payer_id) s OFFSET 0) s
      RETURNING id, room_id, payer_id, total_fen"""


def _lines() -> str:
    return f"""
      INSERT INTO bill_line ({WRITTEN})
      SELECT b.id, p.room_id, p.fee_item_id, p.label, p.basis, p.starts, p.ends, p.ends - p.starts,
             p.period_days, p.unit_price, p.quantity, p.area, p.tariff_id, p.version, p.discount,
             p.vat, p.tax, p.amount, p.detail
        FROM priced p
        JOIN new_bills b ON b.room_id = p.room_id
         AND COALESCE(b.payer_id, 0) = COALESCE(p.payer_id, 0)
       WHERE {DUE}
       ORDER BY p.room_id, p.place, p.starts, p.label NULLS FIRST
      RETURNING 1"""


def _problems(build: Build) -> str:
    """Named problems of rooms, each once. Who pays, and a negative bill, concern no single item."""
    told = build.bind(json.dumps(sentences(), ensure_ascii=False), "jsonb")
    return f"""
      INSERT INTO bill_run_problem (bill_run_id, room_id, fee_item_id, code, message)
      SELECT {RUN}, room_id, fee_item_id, code, COALESCE({told} ->> code, code)
        FROM (SELECT room_id, fee_item_id, problem FROM priced WHERE problem <> '{ALIVE}'
              UNION SELECT room_id, NULL, '{PAYER_MISSING}' FROM priced
                     WHERE payer_id IS NULL AND problem IS NULL
              UNION SELECT room_id, fee_item_id, '{BILL_NEGATIVE}' FROM postponed
             ) found(room_id, fee_item_id, code)
      ON CONFLICT DO NOTHING
      RETURNING 1"""
