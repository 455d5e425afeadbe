"""A month at the office: draft it, read what was written."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from domain.bills import chunks, drafting
from domain.bills.model import Bill, BillLine, BillRun, BillRunProblem
from domain.fees.model import FeeItem
from domain.people.model import Person
from domain.rooms.model import Room
from statemachines import bill_run as runs
from tests.factories.office import Office

NOVEMBER = date(2026, 11, 1)
D = Decimal


@dataclass(frozen=True)
class Line:
    """A bill line as tests talk about it."""

    room: str
    item: str
    label: str | None
    payer: str | None
    start: date
    end: date
    fen: int
    quantity: Decimal | None
    price: Decimal | None
    tax_fen: int
    days: int
    period_days: int
    detail: dict[str, Any]


def begun(office: Office, month: date = NOVEMBER) -> BillRun:
    """A run of the month with a frozen book, cut into chunks."""
    run = runs.open_run(
        office.session, community_id=office.community.id, month=month, by=office.clock, at=office.at
    )
    return runs.begin(office.session, run.id, by=office.clock, at=office.at)


def drafted(office: Office, month: date = NOVEMBER) -> BillRun:
    """A run of the month, all of it drafted."""
    run = begun(office, month)
    for chunk in chunks.undrafted(office.session, run.id):
        drafting.draft(office.session, chunk.id, at=office.at)
    return run


def lines(office: Office, run: BillRun, item: str | None = None) -> list[Line]:
    """The run's live lines in the order of rooms, items and days."""
    rows = office.session.execute(
        select(BillLine, Room.code, FeeItem.code, Person.name)
        .join(Bill, Bill.id == BillLine.bill_id)
        .join(Room, Room.id == BillLine.room_id)
        .join(FeeItem, FeeItem.id == BillLine.fee_item_id)
        .outerjoin(Person, Person.id == Bill.payer_id)
        .where(Bill.bill_run_id == run.id, BillLine.live)
        .order_by(BillLine.id)
        .execution_options(populate_existing=True)
    )
    return [
        Line(room, code, line.label, payer, line.period_start, line.period_end, line.amount_fen,
             line.quantity, line.unit_price, line.tax_fen, line.days, line.period_days,
             line.detail or {})
        for line, room, code, payer in rows
        if item is None or code == item
    ]  # fmt: skip


def amounts(office: Office, run: BillRun, item: str | None = None) -> list[int]:
    """The fen of the run's lines."""
    return [line.fen for line in lines(office, run, item)]


def bills(office: Office, run: BillRun) -> list[tuple[str, str | None, int]]:
    """(room, payer, total) of every bill, by number."""
    rows = office.session.execute(
        select(Room.code, Person.name, Bill.total_fen)
        .join(Room, Room.id == Bill.room_id)
        .outerjoin(Person, Person.id == Bill.payer_id)
        .where(Bill.bill_run_id == run.id)
        .order_by(Bill.no)
    )
    return [tuple(row) for row in rows]


def problems(session: Session, run: BillRun) -> list[tuple[str, str | None, str]]:
    """(room, item, code) of every problem."""
    rows = session.execute(
        select(Room.code, FeeItem.code, BillRunProblem.code)
        .join(Room, Room.id == BillRunProblem.room_id)
        .outerjoin(FeeItem, FeeItem.id == BillRunProblem.fee_item_id)
        .where(BillRunProblem.bill_run_id == run.id)
        .order_by(Room.id, FeeItem.id, BillRunProblem.code)
    )
    return [tuple(row) for row in rows]
