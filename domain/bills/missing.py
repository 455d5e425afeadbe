"""补账: the rooms that may lack a line of a month that has been issued.

Asked by room and item, without any arithmetic, so that running a finished month again stays cheap.
Rooms too many do no harm: drafting then finds that they lack nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.bills.drafting.book import Item, read
from domain.bills.drafting.metered import DRY_KINDS
from domain.bills.model import BillRun
from domain.bills.problems import PAYER_MISSING
from domain.fees.model import FeeBasis
from domain.rooms.model import RoomKind

STOOD_OUT = """
    SELECT p.room_id FROM bill_run r JOIN bill_run_problem p ON p.bill_run_id = r.id
     WHERE r.community_id = :community AND r.period_start = :month AND r.status = 'issued'
       AND p.code <> :payer_missing"""
"""Rooms that had a problem. Without a payer they were billed all the same."""

TAKEN_BACK = """
    SELECT l.room_id FROM bill b JOIN bill_line l ON l.bill_id = b.id
     WHERE b.community_id = :community AND b.period_start = :month AND b.status = 'reversed'
       AND l.reverses_id IS NULL
       AND NOT EXISTS (SELECT FROM bill_line n
                        WHERE n.live AND n.room_id = l.room_id AND n.fee_item_id = l.fee_item_id
                          AND n.period_start = l.period_start
                          AND COALESCE(n.label, '') = COALESCE(l.label, ''))"""
"""Rooms with a line that was reversed and not billed again."""

NEVER_BILLED = """
    SELECT r.id FROM room r
     WHERE r.community_id = :community AND ({asked})
       AND NOT EXISTS (SELECT FROM bill_line l
                        WHERE l.live AND l.room_id = r.id AND l.fee_item_id = :item{n}
                          AND l.period_start >= :start{n} AND l.period_start < :end{n})"""

LISTED = """EXISTS (SELECT FROM room_charge c
       WHERE c.room_id = r.id AND c.fee_item_id = :item{n} AND c.from_on < :end{n}
         AND (c.to_on IS NULL OR c.to_on > :start{n}))"""

METERED = """EXISTS (SELECT FROM meter m
       WHERE m.room_id = r.id AND m.kind = :meter{n} AND m.from_on < :end{n}
         AND (m.to_on IS NULL OR m.to_on > :start{n}))"""

ONE_OFF = """
    SELECT c.room_id FROM room_charge c JOIN room r ON r.id = c.room_id
     WHERE r.community_id = :community AND c.fee_item_id = :item{n}
       AND c.from_on >= :start{n} AND c.from_on < :end{n}
       AND NOT EXISTS (SELECT FROM bill_line l
                        WHERE l.live AND l.room_id = c.room_id AND l.fee_item_id = :item{n}
                          AND l.period_start = c.from_on
                          AND COALESCE(l.label, '') = COALESCE(c.label, ''))"""


def rooms(session: Session, run: BillRun) -> list[int]:
    """Ids of rooms that the frozen book of a supplement may find something to bill for, in order."""
    book: dict[str, Any] = run.price_book or {}
    values: dict[str, Any] = {
        "community": run.community_id, "month": run.period_start, "payer_missing": PAYER_MISSING,
        "shared": list(_shared(book)),
    }  # fmt: skip
    parts = [STOOD_OUT, TAKEN_BACK, "SELECT unnest(CAST(:shared AS bigint[]))"]
    for n, item in enumerate(read(book)):
        if item.basis is not FeeBasis.SHARED:
            parts.append(_unbilled(item).format(n=n, asked=_asked(item).format(n=n)))
            values |= _values(item, n)
    return list(session.scalars(text(f"{' UNION '.join(parts)} ORDER BY 1"), values))


def _shared(book: dict[str, Any]) -> Iterable[int]:
    """Rooms with a part of a cost that no run has taken yet."""
    for buildings in book["shares"].values():
        for rows in buildings.values():
            yield from (row[0] for row in rows if row[1] is not None)


def _unbilled(item: Item) -> str:
    return ONE_OFF if item.basis is FeeBasis.ONE_OFF else NEVER_BILLED


def _asked(item: Item) -> str:
    """Whether a room `r` is one the item is for."""
    offered = "FALSE" if item.listed_only else "r.kind = ANY(:kinds{n})"
    if item.basis is not FeeBasis.METERED:
        return f"{offered} OR {LISTED}"
    dry = f"r.kind NOT IN {DRY_KINDS} OR r.kind = ANY(:named{{n}})"
    return f"{offered} AND ({dry} OR {METERED}) OR {LISTED}"


def _values(item: Item, n: int) -> dict[str, Any]:
    named = [tariff.kind for tariff in item.tariffs if tariff.kind]
    everyone = item.for_all or any(tariff.kind is None for tariff in item.tariffs)
    days: dict[str, date] = {"start": item.period.start, "end": item.period.end}
    told = {
        **days, "item": item.id, "meter": item.meter_kind and item.meter_kind.value,
        "kinds": [kind.value for kind in RoomKind] if everyone else named, "named": named,
    }  # fmt: skip
    return {f"{name}{n}": value for name, value in told.items()}
