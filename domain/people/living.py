"""Who moves in and out of a room, dated; the database refuses what cannot be at the same time."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillStatus
from domain.errors import Conflict, Invalid, NotFound
from domain.history import audit
from domain.history.actor import Actor
from domain.people.model import Occupancy, OccupancyRole, Person
from domain.rooms.model import Room


class AlreadyLives(Conflict):
    """The person already has this role in this room on some of these days."""

    code = "already_lives"


class PayerTaken(Conflict):
    """Somebody else pays for the room on some of these days."""

    code = "payer_taken"


class StayInvalid(Invalid):
    """Dates the wrong way round, or a room of another community."""

    code = "stay_invalid"


class StayNotFound(NotFound):
    """No such entry of this person any more."""

    code = "stay_not_found"


class HasBills(Conflict):
    """Bills were written for this person in this room, so the entry stays and can only end."""

    code = "stay_has_bills"


@dataclass(frozen=True, slots=True)
class StayFacts:
    """What a form says about living somewhere; `to_on` is the first day they are not there."""

    role: OccupancyRole
    from_on: date
    to_on: date | None = None
    relation: str | None = None
    share: Decimal | None = None


@contextmanager
def together(session: Session) -> Iterator[None]:
    """Writes of one act; the constraints' refusals in words, with nothing left of the act."""
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", "")
        if name == "ex_occupancy_once":
            raise AlreadyLives("这个人在这套房屋已经有同样身份的登记，日期重叠了") from error
        if name == "ex_occupancy_one_payer":
            raise PayerTaken("这套房屋在这段时间已经有缴费人，请用“改缴费人”") from error
        raise


def hold_room(session: Session, room_id: int) -> None:
    """One at a time changes who lives in a room."""
    session.execute(select(Room.id).where(Room.id == room_id).with_for_update())


def hold_people(session: Session, person_ids: Collection[int]) -> None:
    """In one order for everybody, where an act is about several: the database holds each as soon as
    an entry of theirs is written, and two such acts would wait for each other.
    """
    people = select(Person.id).where(Person.id.in_(person_ids)).order_by(Person.id)
    session.execute(people.with_for_update(key_share=True))


def room_by_code(session: Session, community_id: int, code: str) -> Room:
    """The room of a community with this code, or a refusal that names it."""
    found = session.scalar(select(Room).where(Room.community_id == community_id, Room.code == code))
    if found is None:
        raise StayInvalid(f"这个小区没有房号 {code[:40]}，请核对")
    return found


def stay(session: Session, person_id: int, occupancy_id: int) -> tuple[Occupancy, Room]:
    """An entry of this very person, and its room; somebody else's id leads nowhere."""
    found = session.execute(
        select(Occupancy, Room)
        .join(Room, Room.id == Occupancy.room_id)
        .where(Occupancy.id == occupancy_id, Occupancy.person_id == person_id)
    ).one_or_none()
    if found is None:
        raise StayNotFound("没有找到这条住户登记，可能刚被改过，请刷新页面")
    return found[0], found[1]


def move_in(
    session: Session, room: Room, person: Person, facts: StayFacts, *, by: Actor, at: datetime
) -> Occupancy:
    """The person in the room from a day on; who pays stays as it is."""
    if room.community_id != person.community_id:
        raise StayInvalid("这套房屋不在这个人的小区")
    if facts.to_on is not None and facts.to_on <= facts.from_on:
        raise StayInvalid("结束日要晚于开始日")
    hold_room(session, room.id)
    row = Occupancy(
        room_id=room.id, person_id=person.id, role=facts.role, relation=facts.relation,
        share=facts.share, from_on=facts.from_on, to_on=facts.to_on, is_payer=False,
    )  # fmt: skip
    with together(session):
        session.add(row)
    _record(session, "occupancy.add", row, by=by, at=at, from_on=facts.from_on.isoformat())
    return row


def end(session: Session, row: Occupancy, to_on: date, *, by: Actor, at: datetime) -> bool:
    """Let somebody be gone from a day on; whether nobody pays for the room from then."""
    hold_room(session, row.room_id)
    session.refresh(row)
    if to_on <= row.from_on:
        raise StayInvalid("结束日要晚于开始日；登记错了请用“删除这条”")
    with together(session):
        row.to_on = to_on
    _record(session, "occupancy.end", row, by=by, at=at, to_on=to_on.isoformat())
    next_payer = exists().where(
        Occupancy.room_id == row.room_id,
        Occupancy.is_payer,
        Occupancy.from_on <= to_on,
        Occupancy.to_on.is_(None) | (Occupancy.to_on > to_on),
    )
    return row.is_payer and not session.scalar(select(next_payer))


def remove(session: Session, row: Occupancy, *, by: Actor, at: datetime) -> None:
    """Take out an entry that should never have been; refused once it made bills."""
    hold_room(session, row.room_id)
    billed = exists().where(
        Bill.room_id == row.room_id,
        Bill.payer_id == row.person_id,
        Bill.status != BillStatus.DISCARDED,
    )
    if row.is_payer and session.scalar(select(billed)):
        raise HasBills("已经按这条登记出过账单，不能删除；住到哪天为止，请用“搬离”")
    _record(session, "occupancy.remove", row, by=by, at=at, from_on=row.from_on.isoformat())
    session.delete(row)
    session.flush()


def _record(
    session: Session, action: str, row: Occupancy, *, by: Actor, at: datetime, **detail: str
) -> None:
    audit.record(
        session, action, subject="person", subject_id=row.person_id, by=by, at=at,
        room=row.room_id, role=row.role.value, **detail,
    )  # fmt: skip
