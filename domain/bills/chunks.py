"""A run cut into chunks: a building, or about 2,000 rooms of one. One chunk, one transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    any_,
    func,
    insert,
    literal,
    null,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session

from domain.bills.model import BillRun, BillRunChunk
from domain.rooms.model import Building, Room

ROOMS_PER_CHUNK = 2_000
IDS = ARRAY(BigInteger)


def plan(session: Session, run: BillRun, *, only: Collection[int] | None = None) -> int:
    """Write the chunks of a run over the rooms its community has now; how many.

    `only`: the rooms of a supplement; the chunks hold them by name.
    """
    place = func.row_number().over(partition_by=Room.building_id, order_by=Room.id) - 1
    slot = func.div(place, ROOMS_PER_CHUNK)
    placed = (
        select(Room.id, Room.building_id, slot.label("slot"))
        .where(
            Room.community_id == run.community_id,
            true() if only is None else Room.id == any_(literal(list(only), IDS)),
        )
        .subquery()
    )
    pieces = (
        select(
            literal(run.id),
            func.row_number().over(order_by=(placed.c.building_id, placed.c.slot)),
            Building.name,
            placed.c.building_id,
            func.min(placed.c.id),
            func.max(placed.c.id),
            func.count(),
            null()
            if only is None
            else func.array_agg(aggregate_order_by(placed.c.id, placed.c.id)),
        )
        .join(Building, Building.id == placed.c.building_id)
        .group_by(placed.c.building_id, Building.name, placed.c.slot)
    )
    columns = [
        "bill_run_id", "number", "title", "building_id", "first_room_id", "last_room_id", "rooms",
        "room_ids",
    ]  # fmt: skip
    written = session.execute(insert(BillRunChunk).from_select(columns, pieces))
    return int(written.rowcount)  # type: ignore[attr-defined]


def holds(chunk: BillRunChunk, room_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a room is one of the chunk's (`room_id` is any column of room ids)."""
    return room_id.in_(
        select(Room.id).where(
            Room.building_id == chunk.building_id,
            Room.id.between(chunk.first_room_id, chunk.last_room_id),
        )
    )


def undrafted(session: Session, run_id: int) -> Sequence[BillRunChunk]:
    """Chunks still to be computed, in order."""
    return _open(session, run_id, BillRunChunk.drafted_at.is_(None))


def unissued(session: Session, run_id: int) -> Sequence[BillRunChunk]:
    """Chunks still to be issued, in order."""
    return _open(session, run_id, BillRunChunk.issued_at.is_(None))


def _open(session: Session, run_id: int, condition: ColumnElement[bool]) -> Sequence[BillRunChunk]:
    return session.scalars(
        select(BillRunChunk)
        .where(BillRunChunk.bill_run_id == run_id, condition)
        .order_by(BillRunChunk.number)
    ).all()
