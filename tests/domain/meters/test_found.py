"""What the database keeps of meters is what rooms and readings say, whoever writes them and how."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from domain.errors import BackOfficeError
from domain.meters import fitting, reading, swapping
from domain.meters.fitting import FitFacts
from domain.meters.model import Meter, MeterKind, MeterReading
from domain.meters.reading import ReadingFacts
from domain.meters.swapping import SwapFacts
from domain.rooms import editing
from domain.rooms.editing import RoomFacts
from domain.rooms.model import Room
from tests.domain.imports.sheets import bring, dial, undo
from tests.domain.meters.plainly import Books, agree, colleague, lists_agree, questions
from tests.factories.office import Office

TODAY = date(2026, 12, 20)
DAYS = [TODAY - timedelta(days=9 * n) for n in range(9)]
CODES = ("1-1-101", "1-1-102", "2-101", "2-102", "10-1-101")


class Town:
    """An office in December with some rooms and meters, and ways to write about them."""

    def __init__(self, office: Office, chance: random.Random) -> None:
        self.office, self.chance, self.session = office, chance, office.session
        office.at = datetime(2026, 12, 20, 4, tzinfo=UTC)
        self.rooms = [office.room(code, owner=None) for code in CODES]
        other = Office(office.session, office.vault, at=office.at, community="东园")
        self.rooms.append(other.room("1-1-101", owner=None))
        self.batches: list[int] = []
        for _ in range(4):
            self.fit()

    def day(self) -> date:
        return self.chance.choice(DAYS)

    def meter(self) -> Meter:
        return self.chance.choice(self.session.scalars(select(Meter).order_by(Meter.id)).all())

    def value(self, on: date) -> Decimal:
        """Mostly more the later it is."""
        return Decimal(5 * (on - DAYS[-1]).days + self.chance.randrange(60))

    def fit(self) -> None:
        kind = self.chance.choice([MeterKind.WATER, MeterKind.POWER])
        facts = FitFacts(self.day(), kind, f"表{self.chance.randrange(10**6)}")
        room = self.chance.choice(self.rooms)
        fitting.fit(self.session, room, facts, by=self.office.by, at=self.office.at)

    def swap(self) -> None:
        facts = SwapFacts(self.day(), Decimal(900), f"新{self.chance.randrange(10**6)}")
        swapping.swap(self.session, self.meter(), facts, by=self.office.by, at=self.office.at)

    def read(self) -> None:
        on = self.day()
        facts = ReadingFacts(on, self.value(on))
        reading.enter(self.session, self.meter(), facts, by=self.office.by, at=self.office.at)

    def bring(self) -> None:
        days = [self.day() for _ in range(4)]
        rows = [
            dial(self.value(on), on, row=n, code=self.chance.choice(CODES))
            for n, on in enumerate(days, 2)
        ]
        self.batches.append(bring(self.office, *rows)[0])

    def undo(self) -> None:
        if self.batches:
            undo(self.office, self.batches.pop())

    def call(self) -> None:
        room = self.chance.choice(self.rooms)
        facts = RoomFacts(room.entrance, str(self.chance.randrange(100, 999)), room.kind)
        opened = editing.seen(room)
        editing.edit(self.session, room, facts, opened=opened, by=self.office.by, at=self.office.at)

    def by_hand(self) -> None:
        """As nobody does at a desk: readings moved in time, to another meter, taken out, all read."""
        ids = self.session.scalars(select(MeterReading.id).order_by(MeterReading.id)).all()
        some = MeterReading.id.in_(
            self.chance.sample(ids, min(len(ids), self.chance.randint(1, 3)))
        )
        one = self.meter()
        self.session.execute(self.chance.choice([
            update(MeterReading).where(some).values(read_on=self.day()),
            update(MeterReading).where(some).values(meter_id=one.id),
            update(MeterReading).where(some).values(value=5),
            update(MeterReading).values(read_on=MeterReading.read_on + 1),
            delete(MeterReading).where(some),
            delete(MeterReading).where(MeterReading.meter_id == one.id),
            update(Meter).where(Meter.id == one.id).values(to_on=self.chance.choice([None, *DAYS])),
            update(Meter).where(Meter.id == one.id).values(from_on=self.day()),
            update(Meter).values(from_on=Meter.from_on - 1),
        ]))  # fmt: skip
        self.session.expire_all()

    def take_out(self) -> None:
        one = self.meter().id
        self.session.execute(delete(MeterReading).where(MeterReading.meter_id == one))
        self.session.execute(delete(Meter).where(Meter.id == one))
        self.session.expire_all()

    def acts(self) -> list[Callable[[], None]]:
        often = [self.fit, self.read, self.bring, self.swap, self.by_hand, self.call]
        return [*often, *often, self.undo, self.take_out]


@pytest.mark.parametrize("seed", range(4))
def test_lists_say_what_rooms_and_readings_say(office: Office, seed: int) -> None:
    chance = random.Random(seed)
    town, done = Town(office, chance), 0
    for _ in range(50):
        try:
            with office.session.begin_nested():
                chance.choice(town.acts())()
            done += 1
        except (BackOfficeError, IntegrityError):
            office.session.expire_all()  # refused: nothing may have changed by it
        agree(office.session)
    assert done > 20
    books, building = Books.of(office.session), town.rooms[0].building_id
    for access in (colleague(), colleague(office.community.id, building), colleague(-1)):
        on = chance.choice([TODAY, *DAYS])
        lists_agree(office.session, access, on, chance.sample(list(questions(books)), 120))


def test_a_reading_put_down_to_another_meter_is_told_to_both(office: Office) -> None:
    wrong, right = (office.meter(office.room(code, owner=None), {}) for code in CODES[:2])
    for on in (DAYS[5], DAYS[1]):
        reading.put(office.session, wrong, ReadingFacts(on, Decimal(7)), today=TODAY)
    last = update(MeterReading).where(MeterReading.read_on == DAYS[1])
    office.session.execute(last.values(meter_id=right.id))
    agree(office.session)


def test_an_import_taken_back_leaves_nothing(office: Office) -> None:
    office.at = datetime(2026, 12, 20, 4, tzinfo=UTC)
    for code in CODES:
        office.room(code, owner=None)
    batch, _ = bring(office, *(dial(7, code=code, row=n) for n, code in enumerate(CODES, 2)))
    agree(office.session)
    assert undo(office, batch) == []
    assert office.session.scalars(select(Meter)).all() == []


def test_a_room_called_otherwise_moves_its_meters_in_the_list(office: Office) -> None:
    first, last = (office.meter(office.room(code, owner=None), {}) for code in CODES[:2])
    office.session.execute(update(Room).where(Room.code == CODES[0]).values(code="1-1-999"))
    rows = office.session.execute(select(Meter.id).order_by(Meter.room_code)).scalars().all()
    assert rows == [last.id, first.id]
