"""Whom a bill run reaches: what a page says in numbers before somebody starts or decides one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from domain.bills.model import Bill, BillRun, BillRunStatus, BillStatus
from domain.bills.queries import LIVE_RUNS
from domain.company.model import Community
from domain.people.model import Occupancy, PersonChannel
from domain.rooms.model import Room


@dataclass(frozen=True, slots=True)
class Reach:
    """Rooms that are billed, the payers behind them, and how many of those WeCom cannot reach."""

    rooms: int
    payers: int
    unreachable: int


@dataclass(frozen=True, slots=True)
class Prospect:
    """A community before a month is billed; `status`: the run that is there already."""

    community: str
    rooms: int
    payers: int
    status: BillRunStatus | None


def of_run(session: Session, run_id: int) -> Reach:
    """Of the bills of a run that will stand."""
    bills = select(
        func.count(Bill.room_id.distinct()),
        func.count(Bill.payer_id.distinct()),
        func.count(Bill.payer_id.distinct()).filter(~_has_contact()),
    ).where(
        Bill.bill_run_id == run_id,
        Bill.total_fen > 0,
        Bill.status.not_in([BillStatus.DISCARDED, BillStatus.REVERSED]),
    )
    return Reach(*session.execute(bills).one())


def before(session: Session, community_ids: Collection[int], *, month: date) -> list[Prospect]:
    """What billing a month (its first day) would start from, community by community."""
    lives = (
        Occupancy.is_payer,
        Occupancy.from_on <= month,
        or_(Occupancy.to_on.is_(None), Occupancy.to_on > month),
    )
    payers = (
        select(func.count(Occupancy.person_id.distinct()))
        .join(Room, Room.id == Occupancy.room_id)
        .where(Room.community_id == Community.id, *lives)
        .scalar_subquery()
    )
    rooms = (
        select(func.count()).where(Room.community_id == Community.id).scalar_subquery()
    )  # fmt: skip
    status = (
        select(BillRun.status)
        .where(BillRun.community_id == Community.id, BillRun.period_start == month, LIVE_RUNS)
        .order_by(BillRun.status == BillRunStatus.ISSUED, BillRun.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    rows = session.execute(
        select(Community.name, rooms, payers, status)
        .where(Community.id.in_(community_ids))
        .order_by(Community.id)
    )
    return [Prospect(name, homes, people, stands) for name, homes, people, stands in rows]


def _has_contact() -> ColumnElement[bool]:
    return (
        select(PersonChannel.id)
        .where(PersonChannel.person_id == Bill.payer_id, PersonChannel.broken_reason.is_(None))
        .exists()
    )
