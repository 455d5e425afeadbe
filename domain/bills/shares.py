"""Shared costs as a run takes them: which are due, and every room's part of each."""

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, cast, func, select, text, union_all
from sqlalchemy.orm import Session

from domain import locks
from domain.bills.model import BillRun
from domain.bills.queries import LIVE_RUNS
from domain.fees.calc.periods import Period, add_months
from domain.fees.calc.shared import split_sql
from domain.fees.costs import lock_of
from domain.fees.model import FeeItem, ShareBy, SharedCost
from domain.rooms.model import Building

LATE_MONTHS = 12
"""A cost that was entered late is still billed for a year; an older one is somebody's archive."""

SPLIT = "$.shares.keyvalue() ? (@.value.keyvalue().value[*][1] != null).key"
SPLIT_BEFORE = "$.items[*].costs[*] ? (exists (@.split_by)).id"
"""JSON paths into a book: costs that it split over somebody, and those it took as split before."""

WEIGHTS = {ShareBy.AREA: "a.built_area", ShareBy.ROOM: "1", ShareBy.WEIGHT: "a.share_weight"}

ROOMS = """(
    SELECT c.id AS cost, c.total_fen, c.total_quantity * 10000 AS total_steps,
           r.id AS room_id, r.building_id, {weight}::numeric AS weight
      FROM shared_cost c
      JOIN room r ON r.community_id = :community
       AND (c.building_id IS NULL OR r.building_id = c.building_id)
       AND (c.entrance IS NULL OR r.entrance = c.entrance)
      LEFT JOIN room_area a ON a.room_id = r.id AND a.from_on < c.period_end
       AND (a.to_on IS NULL OR a.to_on >= c.period_end)
     WHERE c.id = ANY(:costs) AND (r.kind = ANY(:kinds) OR :any_kind)
       AND (NOT :listed_only OR EXISTS (
           SELECT FROM room_charge l
            WHERE l.room_id = r.id AND l.fee_item_id = c.fee_item_id
              AND l.from_on < c.period_end AND (l.to_on IS NULL OR l.to_on > c.period_start))))"""


class Part(NamedTuple):
    """A room's part of a cost; `steps` are 1/10,000 of a unit. None: nobody could share, or no weight."""

    cost: int
    building_id: int
    room_id: int
    weight: Decimal | None
    fen: Decimal | None
    steps: Decimal | None


def split_due(
    session: Session, run: BillRun, item: FeeItem, period: Period, *, kinds: Collection[str | None]
) -> tuple[list[dict[str, Any]], dict[str, dict[str, list[Any]]]]:
    """The costs that the run bills, and the split of new ones: cost id -> building id -> rooms.

    A supplement takes the costs of its month as they were split then (`split_by`: the run whose book
    has the parts): a cost is split once, or its parts would no longer add up to it.

    `kinds`: room kinds that take part, as the item's tariffs name them; None among them = all. A
    room's weight is the one it has on the last day of the cost's period.
    """
    locks.hold(session, lock_of(item))
    costs = _due(session, run, item, period)
    parts: dict[str, dict[str, list[Any]]] = {str(cost["id"]): {} for cost in costs}
    again = _split_this_month(session, run, item)
    if not costs:
        return again, parts
    for row in split(session, item, [cost["id"] for cost in costs], kinds=kinds):
        told = [row.fen, row.steps and row.steps.scaleb(-4), row.weight]
        rooms = parts[str(row.cost)].setdefault(str(row.building_id), [])
        rooms.append([row.room_id, *(None if value is None else str(value) for value in told)])
    return again + costs, parts


def split(
    session: Session, item: FeeItem, cost_ids: Sequence[int], *, kinds: Collection[str | None]
) -> list[Part]:
    """Every room's part of each cost; parts that nobody could share are None."""
    weight = WEIGHTS[item.share_by] if item.share_by else "1"
    sql = split_sql(
        ROOMS.format(weight=weight),
        {"fen": "total_fen", "steps": "total_steps"},
        keep=["cost", "building_id", "room_id", "weight"],
        weight="COALESCE(weight, 0)", order="room_id", whole="cost",
    )  # fmt: skip
    rows = session.execute(
        text(f"{sql} ORDER BY cost, room_id"),
        {
            "community": item.community_id, "costs": list(cost_ids),
            "kinds": [kind for kind in kinds if kind], "any_kind": None in kinds,
            "listed_only": item.listed_only,
        },
    )  # fmt: skip
    return [Part(*row) for row in rows]


def taken_by(session: Session, community_id: int, *, since: date) -> dict[int, int]:
    """Cost id -> the run that still counts and has split it, of costs that begin on a day or later."""
    ids, again = _split_ids()
    runs = (BillRun.community_id == community_id, BillRun.period_start >= add_months(since, -LATE_MONTHS),
            LIVE_RUNS)  # fmt: skip
    found = union_all(
        *(select(cast(one, BigInteger), BillRun.id).where(*runs) for one in (ids, again))
    )
    return {row[0]: row[1] for row in session.execute(found.order_by(text("2 DESC")))}


def _due(session: Session, run: BillRun, item: FeeItem, period: Period) -> list[dict[str, Any]]:
    """Costs that begin before the period ends and that no live run of the last year has taken."""
    since = add_months(period.start, -LATE_MONTHS)
    rows = session.execute(
        select(SharedCost, Building.name)
        .outerjoin(Building, Building.id == SharedCost.building_id)
        .where(
            SharedCost.fee_item_id == item.id,
            SharedCost.period_start >= since,
            SharedCost.period_start < period.end,
            SharedCost.id.not_in(_taken(run)),
        )
        .order_by(SharedCost.period_start, SharedCost.id)
    )
    return [_told(cost, building) for cost, building in rows]


def _taken(run: BillRun) -> Any:
    """Ids of costs that the books of other runs that still count have split over somebody: one that
    nobody could share is tried again.
    """
    ids, again = _split_ids()
    since = add_months(run.period_start, -LATE_MONTHS - 1)
    others = (
        BillRun.community_id == run.community_id,
        BillRun.id != run.id,
        BillRun.period_start >= since,
        LIVE_RUNS,
    )
    return union_all(*(select(cast(one, BigInteger)).where(*others) for one in (ids, again)))


def _split_ids() -> list[Any]:
    """SQL of the ids of costs in a book: those it split, and those it took as split before."""
    return [
        func.jsonb_path_query(BillRun.price_book, text(f"'{path}'")).op("#>>")(text("'{}'"))
        for path in (SPLIT, SPLIT_BEFORE)
    ]


def _ids_split() -> Any:
    """SQL of a book's costs that were split over somebody, as an array of texts."""
    return func.jsonb_path_query_array(BillRun.price_book, text(f"'{SPLIT}'"))


def _split_this_month(session: Session, run: BillRun, item: FeeItem) -> list[dict[str, Any]]:
    """Costs of the item that other runs of this month split and that still count, once each."""
    books = session.execute(
        select(BillRun.id, BillRun.price_book.op("->")("items"), _ids_split())
        .where(
            BillRun.community_id == run.community_id,
            BillRun.period_start == run.period_start,
            BillRun.id != run.id,
            LIVE_RUNS,
        )
        .order_by(BillRun.id)
    ).all()
    found: dict[int, dict[str, Any]] = {}
    for run_id, items, split in books:
        for cost in (
            cost for told in items or () if told["id"] == item.id for cost in told.get("costs", ())
        ):
            if cost.get("split_by") or str(cost["id"]) in split:
                found.setdefault(cost["id"], {"split_by": run_id, **cost})
    return list(found.values())


def _told(cost: SharedCost, building: str | None) -> dict[str, Any]:
    """`label` tells a building's own costs from the community's: a room may pay for both."""
    entrance = f"{cost.entrance}单元" if building and cost.entrance else ""
    return {
        "id": cost.id, "label": f"{building}{entrance}" if building else None,
        "start": cost.period_start.isoformat(), "end": cost.period_end.isoformat(),
        "total_fen": cost.total_fen,
        "total_quantity": None if cost.total_quantity is None else str(cost.total_quantity),
    }  # fmt: skip
