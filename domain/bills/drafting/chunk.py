"""Drafting a chunk: one transaction, once, and one impossible room never costs the others."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Text, cast, select, text
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from domain.bills.drafting.statement import PREFIX, Statement, census, statement
from domain.bills.model import BillRun, BillRunChunk, BillRunProblem, BillRunStatus
from domain.bills.problems import OURS, ROOM_FAILED
from domain.errors import NotAllowedNow
from domain.fees.calc.periods import Span
from domain.rooms.model import Room

SETTINGS = """
    SET LOCAL jit = off; SET LOCAL enable_nestloop = off; SET LOCAL enable_seqscan = off;
    SET LOCAL plan_cache_mode = 'force_generic_plan'; SET LOCAL work_mem = '64MB';
    SET LOCAL datestyle = 'ISO'"""
"""The plan is made once, when the month's lines are not there yet, and must be right for all chunks:
by the indexes that every part of the statement has, joined by hash. Estimates over its steps are
guesses, and compiling it would take longer than running it."""

Sums = tuple[int, int, int]
"""Bills, lines, total in fen."""


@dataclass(frozen=True, slots=True)
class Found:
    """Lines that are still to be written: of how many rooms, how many, what they come to."""

    rooms: int = 0
    lines: int = 0
    total_fen: int = 0

    def __add__(self, other: "Found") -> "Found":
        return Found(
            self.rooms + other.rooms, self.lines + other.lines, self.total_fen + other.total_fen
        )


@dataclass(frozen=True, slots=True)
class Part:
    """The rooms of one statement: a chunk of a run, or a piece of one. `last_room` is included."""

    run: int
    community: int
    month: Span
    building: int
    first_room: int
    last_room: int


def draft(session: Session, chunk_id: int, *, at: datetime) -> int:
    """Write the draft bills of a chunk; how many lines. A chunk that was drafted stays as it is: 0.

    Prices come from the run's frozen book; rooms, areas, payers, charges and readings are read in
    one statement. Refuses with NotAllowedNow unless the run is being drafted; a rejection at the
    same moment waits for this transaction, or this one for the rejection. Never commits.
    """
    chunk = session.get_one(BillRunChunk, chunk_id, with_for_update=True, populate_existing=True)
    if chunk.drafted_at is not None:
        return 0
    part = _part(session, chunk)
    session.execute(text(SETTINGS))
    todo = statement(_book(session, part.run), part.month)
    bills, lines, total_fen = _try(session, part, _prepared(session, todo)) if todo else (0, 0, 0)
    chunk.drafted_at, chunk.bills, chunk.lines, chunk.total_fen = at, bills, lines, total_fen
    session.flush()
    return lines


def look(session: Session, chunk_id: int) -> Found:
    """What drafting the chunk would write. Writes nothing."""
    part = _part(session, session.get_one(BillRunChunk, chunk_id))
    session.execute(text(SETTINGS))
    todo = census(_book(session, part.run), part.month)
    return _look(session, part, _prepared(session, todo)) if todo else Found()


def _look(session: Session, part: Part, name: str) -> Found:
    """A room that the database cannot compute has nothing; the others of its part are asked apart."""
    try:
        return Found(*_execute(session, part, name))
    except DataError:
        halves = _halves(_room_ids(session, part))
    return sum((_look(session, replace(part, first_room=a, last_room=b), name)
                for a, b in halves), Found())  # fmt: skip


def _part(session: Session, chunk: BillRunChunk) -> Part:
    """The chunk's rooms, with the run held where it is until we commit."""
    run = session.get_one(
        BillRun, chunk.bill_run_id, with_for_update={"read": True}, populate_existing=True
    )
    if run.status is not BillRunStatus.DRAFTING:
        raise NotAllowedNow("这批账单不在计算中，不能继续", run=run.id, status=run.status.value)
    return Part(
        run=run.id, community=run.community_id, month=Span(run.period_start, run.period_end),
        building=chunk.building_id, first_room=chunk.first_room_id, last_room=chunk.last_room_id,
    )  # fmt: skip


def _book(session: Session, run_id: int) -> str:
    """The frozen prices; the parts of shared costs stay in the database, where they are used."""
    book = cast(BillRun.price_book.op("-")("shares"), Text)
    return session.scalars(select(book).where(BillRun.id == run_id)).one() or "{}"


def _prepared(session: Session, todo: Statement) -> str:
    """The name under which this connection has the statement: planned once, not for every chunk.

    A connection keeps one run's statement; those of earlier runs go.
    """
    known = session.scalars(
        text(f"SELECT name FROM pg_prepared_statements WHERE name LIKE '{PREFIX}%'")
    )
    names = set(known)
    if todo.name not in names:
        for name in names:
            session.execute(text(f"DEALLOCATE {name}"))
        kinds = ", ".join(["bigint"] * 5)
        session.execute(text(f"PREPARE {todo.name} ({kinds}) AS {todo.sql}"), todo.values)
    return todo.name


def _try(session: Session, part: Part, name: str) -> Sums:
    """The whole part in one statement, or, if the database refuses some value, in halves."""
    try:
        return _execute(session, part, name)
    except (DataError, IntegrityError):
        ids = _room_ids(session, part)
    if len(ids) == 1:
        return _last_try(session, part, name)
    done = [_try(session, replace(part, first_room=a, last_room=b), name) for a, b in _halves(ids)]
    return tuple(map(sum, zip(*done, strict=True)))  # type: ignore[return-value]


def _halves(ids: Sequence[int]) -> Sequence[tuple[int, int]]:
    """First and last room of either half; of one room there are none."""
    middle = len(ids) // 2
    return ((ids[0], ids[middle - 1]), (ids[middle], ids[-1])) if middle else ()


def _last_try(session: Session, part: Part, name: str) -> Sums:
    """One room: another transaction may have got in between; if not, a person has to look at it."""
    try:
        return _execute(session, part, name)
    except (DataError, IntegrityError):
        session.add(
            BillRunProblem(
                bill_run_id=part.run, room_id=part.first_room,
                code=ROOM_FAILED, message=OURS[ROOM_FAILED],
            )
        )  # fmt: skip
        session.flush()
        return 0, 0, 0


def _execute(session: Session, part: Part, name: str) -> Sums:
    """The statement under a savepoint."""
    told = asdict(part)
    call = f"EXECUTE {name} (:run, :community, :building, :first_room, :last_room)"
    with session.begin_nested():
        first, lines, total_fen = session.execute(text(call), told).one()
    return first, lines, total_fen


def _room_ids(session: Session, part: Part) -> Sequence[int]:
    return session.scalars(
        select(Room.id)
        .where(Room.building_id == part.building, Room.id.between(part.first_room, part.last_room))
        .order_by(Room.id)
    ).all()
