"""Two acts at once: what the database keeps of meters is right whichever ends first."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, delete, insert, text, update
from sqlalchemy.orm import Session

from domain.meters.model import Meter, MeterKind, MeterReading
from domain.rooms.model import Room
from domain.session import transaction
from domain.vault import Vault
from tests.domain.meters.plainly import agree
from tests.factories.office import Office
from tests.support.waiting import wait_until_somebody_waits

OLD, MIDDLE, LAST = date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)


@pytest.fixture
def home(engine: Engine, vault: Vault) -> Office:
    """Two meters of one building, each read twice."""
    with transaction(engine) as session:
        office = Office(session, vault, at=datetime(2026, 11, 1, 2, tzinfo=UTC))
        office.mine, office.other = (
            office.meter(office.room(code, owner=None), {OLD: "1", LAST: "9"}).id
            for code in ("1-1-101", "1-1-102")
        )
    return office


def take_back(meter: int) -> Any:
    return delete(MeterReading).where(
        MeterReading.meter_id == meter, MeterReading.read_on == LAST
    )  # fmt: skip


def read(meter: int, on: date = MIDDLE) -> Any:
    return insert(MeterReading).values(meter_id=meter, read_on=on, value=Decimal(5))


def called_and_fitted(engine: Engine, home: Any) -> tuple[Any, Any]:
    """The room of a meter gets another code; it gets another meter."""
    with transaction(engine) as session:
        room = session.get_one(Meter, home.mine).room_id
    fitted = insert(Meter).values(
        community_id=home.community.id, room_id=room, kind=MeterKind.POWER, serial="电-1",
        from_on=OLD,
    )  # fmt: skip
    return update(Room).where(Room.id == room).values(code="1-1-999"), fitted


def after_each_other(engine: Engine, first: Any, second: Callable[[Session], object]) -> None:
    """The second begins before the first has ended, and waits for it."""

    def act() -> None:
        with transaction(engine) as session:
            second(session)

    thread = Thread(target=act)
    with transaction(engine) as session:
        session.execute(first)
        thread.start()
        wait_until_somebody_waits(engine)
    thread.join(timeout=30)
    assert not thread.is_alive()


def kept(engine: Engine) -> list[tuple[date, str]]:
    """The last days and rooms of all meters, when they are right."""
    with transaction(engine) as session:
        agree(session)
        rows = session.execute(text("SELECT last_read_on, room_code FROM meter ORDER BY id")).all()
    return [(row.last_read_on, row.room_code) for row in rows]


def test_a_reading_entered_while_a_later_one_is_taken_back_is_the_last(home, engine) -> None:
    after_each_other(engine, take_back(home.mine), lambda one: one.execute(read(home.mine)))
    assert kept(engine) == [(MIDDLE, "1-1-101"), (LAST, "1-1-102")]


def test_a_reading_taken_back_while_an_earlier_one_is_entered_leaves_that(home, engine) -> None:
    after_each_other(engine, read(home.mine), lambda one: one.execute(take_back(home.mine)))
    assert kept(engine) == [(MIDDLE, "1-1-101"), (LAST, "1-1-102")]


def test_readings_of_two_meters_wait_for_nobody(home, engine) -> None:
    with transaction(engine) as first:
        first.execute(take_back(home.mine))
        with transaction(engine) as second:
            second.execute(text("SET LOCAL lock_timeout = '1s'"))
            second.execute(take_back(home.other))
    assert [on for on, _ in kept(engine)] == [OLD, OLD]


def test_a_meter_fitted_while_its_room_is_renamed_has_the_new_code(home, engine) -> None:
    called, fitted = called_and_fitted(engine, home)
    after_each_other(engine, called, lambda one: one.execute(fitted))
    assert [code for _, code in kept(engine)] == ["1-1-999", "1-1-102", "1-1-999"]


def test_a_room_renamed_while_a_meter_is_fitted_tells_it(home, engine) -> None:
    called, fitted = called_and_fitted(engine, home)
    after_each_other(engine, fitted, lambda one: one.execute(called))
    assert [code for _, code in kept(engine)] == ["1-1-999", "1-1-102", "1-1-999"]
