"""What a search finds, how many, in which order and on which page: as reading every row would say."""

from collections.abc import Callable, Sequence
from datetime import date
from itertools import product
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from domain.access import access as accesses
from domain.access.access import Access
from domain.bills import listing as bills
from domain.bills.listing import Sought
from domain.bills.model import Bill, BillStatus
from domain.letters import listing as letters
from domain.letters.model import Letter, LetterStatus
from domain.listing import Listed, Wanted
from domain.payments import listing as payments
from domain.payments.model import Allocation, Payment, PaymentMethod
from domain.people.model import Occupancy, Person
from domain.rooms import listing as rooms
from domain.rooms import queries
from domain.rooms.model import Room, RoomKind
from statemachines.payment import take_at_counter
from tests.factories.office import Office

DOORS = ("1-1-101", "1-1-102", "1-1-1%1", "1-1-1_1", "1-2-101", "2-1-101", "2-1-10/", "2-1-201")
NAMES = ("郑一", "郑%", "一郑", "欧阳_静", "阳静", "静\\", "郑一", "/静")
WORDS = (
    "郑", "一", "静", "阳静", "%", "郑%", "_", "\\", "/", "静\\", "1-1-1", "1-1-1%", "1-1-1_", "2-1",
    "101", "没有", "zd2026", "",
)  # fmt: skip
SIZE, PAGES = 4, (1, 2, 99)
DECEMBER = date(2026, 12, 15)


@pytest.fixture
def town(office: Office) -> Office:
    """Eight households with three months of bills, some of them paid, some told."""
    chance = Random("found")
    for code, name in zip(DOORS, NAMES, strict=True):
        room = office.room(code, owner=name)
        room.kind = chance.choice(list(RoomKind))
        for month in (9, 10, 11):
            bill = office.bill(room, 1_000 * month, month=date(2026, month, 1))
            if chance.random() < 0.6:
                take_at_counter(
                    office.session, [bill.id], bill.total_fen,
                    method=chance.choice(list(PaymentMethod)), request_key=f"{code}:{month}",
                    by=office.by, at=office.at,
                )  # fmt: skip
    for letter in office.session.scalars(select(Letter)):
        letter.status = chance.choice([LetterStatus.SENT, LetterStatus.FAILED])
    office.session.flush()
    office.me = accesses.of(office.session, office.manager)
    return office


def agrees(
    asked: Callable[[Wanted], Listed[Any]], expected: Sequence[int], wanted: Wanted, said: str
) -> None:
    """`asked` gives the page of `expected` that was wanted, or the last one there is."""
    found = asked(wanted)
    last = max(1, -(-len(expected) // wanted.size))
    page = min(wanted.page, last)
    start = (page - 1) * wanted.size
    assert (found.count, found.page, found.many) == (len(expected), page, False), said
    assert [row.id for row in found.rows] == expected[start : start + wanted.size], said


def named(office: Office, words: str) -> set[int]:
    if words.isascii():
        return set()
    rows = office.session.execute(select(Person.id, Person.name))
    return {person_id for person_id, name in rows if words in name}


def coded(office: Office, words: str) -> set[int]:
    rows = office.session.execute(select(Room.id, Room.code))
    return {room_id for room_id, code in rows if words.isascii() and code.startswith(words)}


def bills_meant(office: Office, words: str) -> Sequence[Bill]:
    every = office.session.scalars(select(Bill)).all()
    people, homes = named(office, words), coded(office, words)
    return [
        one for one in every
        if not words or one.no == words.upper() or one.room_id in homes or one.payer_id in people
    ]  # fmt: skip


def late_first(bill: Bill) -> tuple[date, int]:
    assert bill.due_on is not None
    return bill.due_on, bill.id


def test_bills(town: Office) -> None:
    number = town.session.scalars(select(Bill.no)).first()
    assert number
    for words in (*WORDS, number.lower()):
        check_bills(town, words)


def check_bills(town: Office, words: str) -> None:
    meant = bills_meant(town, words)
    owing = (BillStatus.ISSUED, BillStatus.PARTLY_PAID)
    for sort, status, late, page in product(("", "month"), ("", "paid"), ("", "yes"), PAGES):
        chosen = [one for one in meant if not status or one.status == status]
        chosen = [one for one in chosen if not late or one.status in owing]
        if late and not sort:
            chosen.sort(key=late_first)
        else:
            chosen.sort(key=lambda one: (one.period_start, one.id), reverse=not sort)
        filters = {key: value for key, value in (("status", status), ("late", late)) if value}
        wanted = Wanted(words, filters, sort, page, SIZE)

        def asked(wanted: Wanted) -> Listed[Any]:
            found = bills.bills(town.session, town.me, wanted, Sought(wanted.words), on=DECEMBER)
            return found.dressed([row.bill for row in found.rows])

        agrees(asked, [one.id for one in chosen], wanted, f"{wanted}")
        every = bills.everything(town.session, town.me, wanted, Sought(words), on=DECEMBER)
        assert [row.bill.id for row in every] == [one.id for one in chosen]


def test_payments(town: Office) -> None:
    number = town.session.scalars(select(Payment.receipt_no)).first()
    assert number
    for words in (*WORDS, number.lower(), f"ſj{number[2:]}"):
        check_payments(town, words)


def check_payments(town: Office, words: str) -> None:
    people, homes = named(town, words), coded(town, words)
    rows = town.session.execute(
        select(Allocation.payment_id).join(Bill).where(Bill.room_id.in_(homes))
    )
    paid = {row[0] for row in rows}
    every = town.session.scalars(select(Payment)).all()
    meant = [
        one for one in every
        if not words or one.receipt_no == words.upper() or one.payer_id in people or one.id in paid
    ]  # fmt: skip
    for sort, method, page in product(("", "time"), ("", "cash"), PAGES):
        chosen = [one for one in meant if not method or one.method == method]
        chosen.sort(key=lambda one: (one.received_at, one.id), reverse=not sort)
        wanted = Wanted(words, {"method": method} if method else {}, sort, page, SIZE)

        def asked(wanted: Wanted) -> Listed[Any]:
            return payments.payments(
                town.session, town.me, wanted, Sought(wanted.words), on=DECEMBER
            )

        agrees(asked, [one.id for one in chosen], wanted, f"{wanted}")
        every_one = payments.everything(town.session, town.me, wanted, Sought(words), on=DECEMBER)
        assert [row.id for row in every_one] == [one.id for one in chosen]


def test_letters(town: Office) -> None:
    for words in WORDS:
        check_letters(town, words)


def check_letters(town: Office, words: str) -> None:
    rows = town.session.execute(select(Person.id, Person.name))
    people = {person_id for person_id, name in rows if words in name}
    meant = [one for one in town.session.scalars(select(Letter)) if one.person_id in people]
    for status, page in product(("", "failed", "sent", "queued"), PAGES):
        chosen = [one for one in meant if not status or one.status == status]
        chosen.sort(key=lambda one: (one.status == LetterStatus.FAILED, one.id), reverse=True)
        wanted = Wanted(words, {"status": status} if status else {}, page=page, size=SIZE)
        agrees(
            lambda wanted: letters.letters(town.session, town.me, wanted),
            [one.id for one in chosen], wanted, f"{wanted}",
        )  # fmt: skip


def test_rooms_of_a_building(town: Office) -> None:
    for sort in ("", "code", "-code", "kind", "-kind", "handover", "-handover"):
        check_rooms(town, sort)


def check_rooms(town: Office, sort: str) -> None:
    building = town.building("1").id
    homes = town.session.scalars(select(Room).where(Room.building_id == building)).all()
    ways: dict[str, Callable[[Room], Any]] = {
        "kind": lambda one: (one.kind, one.code), "": lambda one: one.code,
    }  # fmt: skip
    way = ways.get(sort.removeprefix("-"), ways[""])
    for words, page in product(("", "1-1-1", "1-1-1%", "101"), PAGES):
        chosen = [one for one in homes if one.code.startswith(words) or one.door == words]
        chosen.sort(key=way, reverse=sort.startswith("-"))
        wanted = Wanted(words, {"building": str(building)}, sort, page, 2)
        agrees(
            lambda wanted: rooms.rooms(town.session, town.me, wanted, code=None, on=DECEMBER),
            [one.id for one in chosen], wanted, f"{wanted}",
        )  # fmt: skip


def test_the_counter(town: Office) -> None:
    for words in (*filter(None, WORDS), "1", "2-1-10/"):
        check_counter(town, words)


def check_counter(town: Office, words: str) -> None:
    session = town.session
    owed: dict[int, list[int]] = {}
    for bill in session.scalars(select(Bill)):
        if bill.status in (BillStatus.ISSUED, BillStatus.PARTLY_PAID):
            owed.setdefault(bill.room_id, []).append(bill.total_fen - bill.paid_fen)
    lives: dict[int, list[str]] = {}
    for room_id, name in session.execute(select(Occupancy.room_id, Person.name).join(Person)):
        lives.setdefault(room_id, []).append(name)
    chosen = [
        one for one in session.scalars(select(Room))
        if one.code.startswith(words) or one.door == words
        or (not words.isascii() and any(words in name for name in lives[one.id]))
    ]  # fmt: skip
    chosen.sort(key=lambda one: (one.code != words, -sum(owed.get(one.id, [0])), one.code))
    found = queries.find(session, [town.community.id], words, code=None, on=DECEMBER, limit=5)
    assert [(row.id, row.payers, row.owing_bills, row.owed_fen) for row in found] == [
        (one.id, lives[one.id][0], len(owed.get(one.id, [])), sum(owed.get(one.id, [0])))
        for one in chosen[:5]
    ]
    assert queries.find(session, [], words, code=None, on=DECEMBER, limit=5) == []


def test_nothing_of_elsewhere(town: Office) -> None:
    nobody = Access(town.me.staff_id, "", ())
    for words in ("郑", "1-1"):
        wanted, sought = Wanted(words), Sought(words)
        assert not bills.bills(town.session, nobody, wanted, sought, on=DECEMBER).count
        assert not payments.payments(town.session, nobody, wanted, sought, on=DECEMBER).count
        assert not letters.letters(town.session, nobody, wanted).count
